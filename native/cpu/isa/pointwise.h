// How a 1x1 convolution is cut into tasks, and what its two passes share. The cuts follow from the
// shape alone, never from the number of threads, so that sums come out the same for any.
//
// Two ways, with M = n h w rows of c_in (K) and c_out (N) channels:
//   many rows: a task takes a block of rows through everything while it stays in its core's cache;
//   weights are packed once. few rows:  (deep layers: more weights than activations) a task takes a
//   panel of channels for all rows and packs just the weights it
//              needs; the other operand is prepared once, by a job of its own.
#pragma once

#include <type_traits>

#include "gemm.h"
#include "kernels.h"
#include "silu.h"

namespace pw::PW_ISA {

constexpr int64_t kFewRows = 640;
constexpr int64_t kMostBlockRows = 96;

struct PointwiseShape {
  int64_t images, pixels, rows, c_in, c_out;
  bool few_rows;

  explicit PointwiseShape(const pw_conv &conv)
      : images(conv.n),
        pixels(static_cast<int64_t>(conv.h) * conv.w),
        rows(images * pixels),
        c_in(conv.c_in),
        c_out(conv.c_out),
        few_rows(rows <= kFewRows) {}
};

// Blocks of rows: each either part of one image or some whole images.
struct RowBlocks {
  int64_t images, pixels;
  int64_t per_image;     // blocks of an image; 1 where a block holds whole images
  int64_t step;          // rows of a block of part of an image
  int64_t whole_images;  // images of a block

  RowBlocks(int64_t images, int64_t pixels, int64_t wanted_rows)
      : images(images),
        pixels(pixels),
        per_image(pixels > wanted_rows ? ceil_div(pixels, wanted_rows) : 1),
        step(ceil_div(pixels, per_image)),
        whole_images(per_image > 1 ? 1 : most(1, wanted_rows / pixels)) {
    per_image = ceil_div(pixels, step);
  }

  int64_t count() const { return ceil_div(images, whole_images) * per_image; }
  int64_t most_rows() const { return step * least(whole_images, images); }
  int64_t first_image(int64_t block) const { return block / per_image * whole_images; }
  int64_t first(int64_t block) const {
    return first_image(block) * pixels + block % per_image * step;
  }
  int64_t rows(int64_t block) const {
    if (per_image > 1) return least(step, pixels - block % per_image * step);
    return least(whole_images, images - first_image(block)) * pixels;
  }
};

// Rows of a block: `floats` of them and their products fit the second-level cache beside the
// weights, there are enough blocks to go round, and a block is worth a task.
PW_INLINE int64_t wanted_rows(int64_t rows, int64_t row_floats, int64_t floats) {
  return most(48, least(kMostBlockRows, least(floats / row_floats, rows / 16)));
}

// Parts that the images are cut into where there are few panels.
PW_INLINE int64_t few_rows_parts(int64_t images, int64_t panels) {
  return panels >= 12 ? 1 : least(images, ceil_div(12, panels));
}

PW_INLINE int64_t part_begin(int64_t total, int64_t parts, int64_t part) {
  return total * part / parts;
}

// load_n and store_n where it is known at compile time whether the vector is whole: a count that
// only inlining would make constant may stay a variable, and then every access is a branch.
template <bool kWhole, class T>
PW_INLINE vf get(const T *p, int count) {
  if constexpr (kWhole) {
    return load(p);
  } else {
    return load_n(p, count);
  }
}
template <bool kWhole, class T>
PW_INLINE void set(T *p, vf v, int count) {
  if constexpr (kWhole) {
    store(p, v);
  } else {
    store_n(p, v, count);
  }
}

// Hands out parts of a workspace, in floats (or pairs: both are 4 bytes), on cache lines.
struct Carver {
  int64_t floats = 0;
  int64_t take(int64_t count) {
    const int64_t offset = floats;
    floats += round_up(count, 16);
    return offset;
  }
};

// T(x) of kCount vectors of a row, from channel c.
template <int kKind, int kCount, class N, class T>
PW_INLINE void activate_vectors(N *to, const T *x, const pw_view &view, int64_t channels,
                                int64_t image, int64_t c) {
  const auto lanes_of = [&](int i) __attribute__((always_inline)) {
    return ViewLanes(kKind, view, channels, image, c + i * kLanes, kLanes);
  };
  vf values[kCount];
  PW_EACH values[i] = load(x + c + i * kLanes);
  if constexpr (kCount == 1) {
    const ViewLanes lanes[1] = {lanes_of(0)};
    view_values<kKind>(lanes, values);
  } else if constexpr (kCount == 2) {
    const ViewLanes lanes[2] = {lanes_of(0), lanes_of(1)};
    view_values<kKind>(lanes, values);
  } else {
    static_assert(kCount == 4);
    const ViewLanes lanes[4] = {lanes_of(0), lanes_of(1), lanes_of(2), lanes_of(3)};
    view_values<kKind>(lanes, values);
  }
  PW_EACH store(to + c + i * kLanes, values[i]);
}

// T(x) of some rows into a scratch matrix of elements E, whose rows are filled up to a whole vector
// with zeros.
template <class E, class T, int kKind>
void activate_rows_of(E *matrix, int64_t ld, const pw_view &view, int64_t channels, int64_t pixels,
                      int64_t first, int64_t rows) {
  const T *x = static_cast<const T *>(view.data) + first * channels;
  for (int64_t r = 0; r < rows; ++r, x += channels) {
    Number<E> *const to = reinterpret_cast<Number<E> *>(matrix + r * ld);
    const int64_t image = (first + r) / pixels;
    int64_t c = 0;
    for (; c + 4 * kLanes <= channels; c += 4 * kLanes) {
      activate_vectors<kKind, 4>(to, x, view, channels, image, c);
    }
    if (c + 2 * kLanes <= channels) {
      activate_vectors<kKind, 2>(to, x, view, channels, image, c);
      c += 2 * kLanes;
    }
    if (c + kLanes <= channels) {
      activate_vectors<kKind, 1>(to, x, view, channels, image, c);
      c += kLanes;
    }
    if (c < channels) {
      const int count = static_cast<int>(channels - c);
      const ViewLanes lanes(kKind, view, channels, image, c, count);
      store(to + c, view_value<kKind>(lanes, load_n(x + c, count)));
    }
  }
}

template <class E>
void activate_rows(const pw_conv &conv, E *to, int64_t ld, const pw_view &view, int64_t pixels,
                   int64_t first, int64_t rows) {
  dispatch_storage(conv.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    dispatch_transform(conv.transform, [&](auto kind) {
      activate_rows_of<E, T, decltype(kind)::value>(to, ld, view, conv.c_in, pixels, first, rows);
    });
  });
}

// Mean and biased variance from those of parts: parts [count][2][channels] (mean, sum of squared
// deviations), of rows(part) rows each.
template <class Rows>
void merge_statistics(const float *parts, int64_t count, int64_t channels, int64_t total,
                      Rows &&rows, float *stats, int64_t begin, int64_t end) {
  for (int64_t c = begin; c < end; c += 16) {
    const int width = static_cast<int>(least(16, end - c));
    double sum[16] = {}, square[16] = {};
    for (int64_t p = 0; p < count; ++p) {
      const double weight = static_cast<double>(rows(p));
      for (int j = 0; j < width; ++j) sum[j] += weight * parts[2 * p * channels + c + j];
    }
    for (int j = 0; j < width; ++j) sum[j] /= static_cast<double>(total);
    for (int64_t p = 0; p < count; ++p) {
      const double weight = static_cast<double>(rows(p));
      for (int j = 0; j < width; ++j) {
        const double away = parts[2 * p * channels + c + j] - sum[j];
        square[j] += parts[(2 * p + 1) * channels + c + j] + weight * away * away;
      }
    }
    for (int j = 0; j < width; ++j) {
      stats[c + j] = static_cast<float>(sum[j]);
      stats[channels + c + j] = static_cast<float>(square[j] / static_cast<double>(total));
    }
  }
}

// to[c] = sum over p of parts[p * stride + c], plus to[c] where `add`.
inline void sum_parts(const float *parts, int64_t count, int64_t stride, float *to, int64_t begin,
                      int64_t end, bool add) {
  for (int64_t c = begin; c < end; c += 16) {
    const int width = static_cast<int>(least(16, end - c));
    double sum[16] = {};
    for (int64_t p = 0; p < count; ++p) {
      for (int j = 0; j < width; ++j) sum[j] += parts[p * stride + c + j];
    }
    for (int j = 0; j < width; ++j) {
      to[c + j] = static_cast<float>(add ? to[c + j] + sum[j] : sum[j]);
    }
  }
}

// body(null pointer of the element type) for a convolution: its products are of pairs where storage
// and processor have them.
template <class Body>
PW_INLINE void dispatch_element(const pw_conv &conv, Body &&body) {
  if constexpr (kMultipliesPairs) {
    if (conv.storage == PW_BF16) {
      body(static_cast<Pair *>(nullptr));
      return;
    }
  }
  body(static_cast<float *>(nullptr));
}

int64_t pointwise_backward_workspace(int threads, const pw_conv &conv);
void pointwise_backward(Pool &pool, const pw_conv &conv, const pw_view &x, const float *weight,
                        const pw_gradient &dy, const pw_input_gradient &dx, float *dweight,
                        float *dbias, void *workspace);

}  // namespace pw::PW_ISA
