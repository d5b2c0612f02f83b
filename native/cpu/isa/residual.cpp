#include "kernels.h"
#include "philox.h"
#include "rows.h"

namespace pw::PW_ISA {
namespace {

// kRows rows of one image.
template <int kSkip, bool kHasSkip, int kRows, class T>
void forward_rows(const pw_view &p, const T *branch, float keep, const pw_view &skip,
                  const T *other, int64_t c, int64_t image, T *y) {
  for_lanes(c, [&](int64_t i, int count) PW_INLINE_BODY {
    const ViewLanes lanes(PW_BN, p, c, image, i, count);
    vf value[kRows];
    for (int r = 0; r < kRows; ++r) value[r] = lanes.z(load_n(branch + r * c + i, count)) * keep;
    if constexpr (kHasSkip) {
      const ViewLanes skipped(kSkip, skip, c, image, i, count);
      vf passed[kRows];
      for (int r = 0; r < kRows; ++r) passed[r] = load_n(other + r * c + i, count);
      view_rows<kSkip, kRows>(skipped, passed);
      for (int r = 0; r < kRows; ++r) value[r] += passed[r];
    }
    for (int r = 0; r < kRows; ++r) store_n(y + r * c + i, value[r], count);
  });
}

template <class T, int kSkip, bool kHasSkip>
void forward(Pool &pool, const pw_tensor &d, const pw_view &p, const float *keep,
             const pw_view &skip, T *y) {
  const int64_t c = d.c, pixels = static_cast<int64_t>(d.h) * d.w;
  const T *branch = static_cast<const T *>(p.data), *other = static_cast<const T *>(skip.data);
  const Chunks chunks(d.n * pixels, c, kChunkElements);
  parallel(pool, chunks.count, [&](int64_t chunk, int) {
    for_images(chunks.begin(chunk), chunks.end(chunk), pixels,
               [&](int64_t image, int64_t row, int64_t end) {
                 const float factor = keep != nullptr ? keep[image] : 1.0f;
                 const auto rows = [&](auto count) {
                   const int64_t at = row * c;
                   forward_rows<kSkip, kHasSkip, count.value>(p, branch + at, factor, skip,
                                                              kHasSkip ? other + at : nullptr, c,
                                                              image, y + at);
                   row += count.value;
                 };
                 while (row + 4 <= end) rows(Kind<4>{});
                 while (row < end) rows(Kind<1>{});
               });
  });
}

void residual_forward(Pool &pool, const pw_tensor &d, const pw_view &p, const float *keep,
                      const pw_view &skip, void *y) {
  dispatch_storage(d.storage, [&](auto *type) {
    auto *out = static_cast<decltype(type)>(y);
    using T = std::remove_pointer_t<decltype(type)>;
    if (skip.data == nullptr) {
      forward<T, PW_NONE, false>(pool, d, p, keep, skip, out);
    } else if (d.transform == PW_BN_SILU) {
      forward<T, PW_BN_SILU, true>(pool, d, p, keep, skip, out);
    } else {
      forward<T, PW_NONE, true>(pool, d, p, keep, skip, out);
    }
  });
}

Chunks backward_chunks(const pw_tensor &d) {
  return Chunks(static_cast<int64_t>(d.n) * d.h * d.w, d.c, kChunkElements);
}

int64_t residual_workspace(int, const pw_tensor &d) {
  return backward_chunks(d).count * 2 * d.c * 4;
}

// Adds keep * dy and keep * dy * phat of kRows rows of one image to sums [2][c].
template <int kRows, class T>
void add_rows(const T *p, const T *dy, int64_t c, const float *bn, float keep, float *sums) {
  for_lanes(c, [&](int64_t i, int count) PW_INLINE_BODY {
    const vf mean = load_n(bn + 2 * c + i, count), rstd = load_n(bn + 3 * c + i, count);
    vf plain{}, product{};
    for (int r = 0; r < kRows; ++r) {
      const vf g = load_n(dy + r * c + i, count);
      plain += g;
      product += g * (load_n(p + r * c + i, count) - mean);
    }
    store_n(sums + i, load_n(sums + i, count) + plain * keep, count);
    store_n(sums + c + i, load_n(sums + c + i, count) + product * (rstd * keep), count);
  });
}

void residual_backward(Pool &pool, const pw_tensor &d, const pw_view &p, const float *keep,
                       const void *dy, float *sums, void *workspace) {
  const int64_t c = d.c, pixels = static_cast<int64_t>(d.h) * d.w;
  const Chunks chunks = backward_chunks(d);
  float *parts = static_cast<float *>(workspace);
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    const T *branch = static_cast<const T *>(p.data), *gradient = static_cast<const T *>(dy);
    parallel(pool, chunks.count, [&](int64_t chunk, int) {
      float *part = parts + chunk * 2 * c;
      std::memset(part, 0, static_cast<size_t>(2 * c) * sizeof(float));
      for_images(chunks.begin(chunk), chunks.end(chunk), pixels,
                 [&](int64_t image, int64_t row, int64_t end) {
                   const float factor = keep != nullptr ? keep[image] : 1.0f;
                   for (; row + 4 <= end; row += 4) {
                     add_rows<4>(branch + row * c, gradient + row * c, c, p.bn, factor, part);
                   }
                   for (; row < end; ++row) {
                     add_rows<1>(branch + row * c, gradient + row * c, c, p.bn, factor, part);
                   }
                 });
    });
  });
  add_up_chunks(pool, parts, chunks.count, 2 * c, sums);
}

void drop_path(Pool &, const pw_drop_path &d, const pw_step *step, float *keep) {
  for (int32_t i = 0; i < d.n; ++i) keep[i] = drop_path_of(d, *step, i);
}

}  // namespace

void fill_residual(Kernels &k) {
  k.residual_forward = residual_forward;
  k.residual_workspace = residual_workspace;
  k.residual_backward = residual_backward;
  k.drop_path = drop_path;
}

}  // namespace pw::PW_ISA
