#include "kernels.h"
#include "rows.h"

namespace pw::PW_ISA {
namespace {

// kRows rows of one image.
template <int kKind, int kRows, class T>
void apply_rows(const pw_view &view, const T *x, int64_t c, int64_t image, T *y) {
  for_lanes(c, [&](int64_t i, int count) PW_INLINE_BODY {
    const ViewLanes lanes(kKind, view, c, image, i, count);
    vf value[kRows];
    for (int r = 0; r < kRows; ++r) value[r] = load_n(x + r * c + i, count);
    view_rows<kKind, kRows>(lanes, value);
    for (int r = 0; r < kRows; ++r) store_n(y + r * c + i, value[r], count);
  });
}

template <class T, int kKind>
void apply(Pool &pool, const pw_tensor &d, const pw_view &view, T *y) {
  const int64_t c = d.c, pixels = static_cast<int64_t>(d.h) * d.w;
  const T *x = static_cast<const T *>(view.data);
  const Chunks chunks(d.n * pixels, c, kChunkElements);
  parallel(pool, chunks.count, [&](int64_t chunk, int) {
    for_images(chunks.begin(chunk), chunks.end(chunk), pixels,
               [&](int64_t image, int64_t row, int64_t end) {
                 for (; row + 4 <= end; row += 4)
                   apply_rows<kKind, 4>(view, x + row * c, c, image, y + row * c);
                 for (; row < end; ++row)
                   apply_rows<kKind, 1>(view, x + row * c, c, image, y + row * c);
               });
  });
}

void batchnorm_apply(Pool &pool, const pw_tensor &d, const pw_view &x, void *y) {
  dispatch_storage(d.storage, [&](auto *type) {
    auto *out = static_cast<decltype(type)>(y);
    using T = std::remove_pointer_t<decltype(type)>;
    if (d.transform == PW_BN) {
      apply<T, PW_BN>(pool, d, x, out);
      return;
    }
    dispatch_transform(d.transform, [&](auto kind) { apply<T, kind.value>(pool, d, x, out); });
  });
}

}  // namespace

void fill_batchnorm(Kernels &k) { k.batchnorm_apply = batchnorm_apply; }

}  // namespace pw::PW_ISA
