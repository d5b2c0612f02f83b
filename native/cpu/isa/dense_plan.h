// How a dense pass is cut, and its weights in the order that the products read them.
#pragma once

#include "dense_plane.h"
#include "dense_tiles.h"

namespace pw::PW_ISA {

// As in depthwise_rows.h, the convolution joins a fine and a coarse grid: coarse[o][cc] = sum_{k,
// cf} W[cc][cf][k] fine[o S + k - p][cf]. A transposed convolution's input is the coarse side. The
// weights are W[cc][cf][k][k] either way.
struct DensePlan {
  int64_t n, kernel, stride, pad;
  bool transposed;
  int64_t fine_h, fine_w, fine_c;
  int64_t coarse_h, coarse_w, coarse_c;
  int64_t rows, chunks;  // coarse rows of a task, tasks of an image
  int64_t columns;       // of a fine row, with padding
  int64_t fine_row;      // floats of a fine row, with room for a vector that overhangs
  int64_t coarse_step;   // floats of a coarse pixel: whole vectors
  int64_t coarse_row;
  int64_t window;                  // floats of a kernel row's window, K * fine_c
  int64_t window_step;             // ... in whole vectors
  int64_t fine_rows, coarse_rows;  // that a task may hold

  int64_t tasks() const { return n * chunks; }
  int64_t in_c() const { return transposed ? coarse_c : fine_c; }
  int64_t out_c() const { return transposed ? fine_c : coarse_c; }
  // Room for a vector of channels and for the overhang.
  static int64_t channel_floats(int64_t c) { return round_up(c, kLanes) + 16; }
  int64_t weight_floats() const {
    return kernel * window * coarse_step;
  }  // for gathers and their gradient
  int64_t turned_floats() const { return kernel * coarse_c * window_step; }  // for scatters
  int64_t shared_floats() const { return round_up(weight_floats() + turned_floats(), 64); }

  // Of a task: the weights' gradient, three sums of each input channel, dbias; or mean and squared
  // deviations of each output channel.
  int64_t sums_offset() const { return round_up(weight_floats(), 16); }
  int64_t sums_step() const { return channel_floats(in_c()); }
  int64_t bias_offset() const { return sums_offset() + 3 * sums_step(); }
  int64_t task_floats(bool backward) const {
    return round_up(
        backward ? bias_offset() + channel_floats(out_c()) : 2 * channel_floats(out_c()), 16);
  }
  int64_t out_vectors() const { return ceil_div(out_c(), kLanes); }
  int64_t moments_floats() const {
    return out_vectors() * static_cast<int64_t>(sizeof(Moments) / sizeof(float));
  }
  int64_t line_floats() const { return round_up(most(fine_row, coarse_row), 16); }
  int64_t worker_floats(bool backward, int32_t transform) const {
    const int64_t fine = fine_rows * fine_row;
    const int64_t coarse = coarse_rows * coarse_row;
    const int64_t in = transposed ? coarse : fine;
    int64_t total = moments_floats() + fine + coarse + 2 * line_floats() + coarse_w * window_step;
    if (backward && transform != PW_NONE) total += in;
    if (backward && transform == PW_BN_SILU_GATE) total += in;
    return round_up(total, 64);
  }
};

inline DensePlan plan_dense(const pw_conv &conv) {
  DensePlan p{};
  p.n = conv.n;
  p.kernel = conv.kernel;
  p.stride = conv.stride;
  p.pad = (conv.kernel - 1) / 2;
  p.transposed = conv.transposed != 0;
  if (p.transposed) {
    p.coarse_h = conv.h;
    p.coarse_w = conv.w;
    p.coarse_c = conv.c_in;
    p.fine_h = 2 * p.coarse_h;
    p.fine_w = 2 * p.coarse_w;
    p.fine_c = conv.c_out;
  } else {
    p.fine_h = conv.h;
    p.fine_w = conv.w;
    p.fine_c = conv.c_in;
    p.coarse_h = ceil_div(p.fine_h, p.stride);
    p.coarse_w = ceil_div(p.fine_w, p.stride);
    p.coarse_c = conv.c_out;
  }
  p.window = p.kernel * p.fine_c;
  p.window_step = round_up(p.window, kLanes);
  p.columns = most(p.pad + p.fine_w, (p.coarse_w - 1) * p.stride + p.kernel);
  p.fine_row = round_up(p.columns * p.fine_c + p.window_step, 16);
  p.coarse_step = round_up(p.coarse_c, kLanes);
  p.coarse_row = round_up(p.coarse_w * p.coarse_step + kLanes, 16);
  // Rows that stay in the second-level cache, but not so few that the rows at their edges, which
  // two tasks make, would count.
  const int64_t fitting = 32 * 1024 / most(p.coarse_row, p.stride * p.fine_row);
  p.rows = least(ceil_div(p.n * p.coarse_h, 32), least(16, fitting));
  p.rows = least(p.coarse_h, most(4, p.rows));
  p.chunks = ceil_div(p.coarse_h, p.rows);
  p.fine_rows = (p.rows - 1) * p.stride + p.kernel + p.stride;
  p.coarse_rows = p.rows + p.kernel;
  return p;
}

// The rows of a task: its own, and those it needs of the other grid beside them.
struct DenseRows {
  int64_t n;
  int64_t coarse_from, coarse_to, fine_from, fine_to;  // own
  int64_t gather_from, gather_to;                      // fine rows that the own coarse rows meet
  int64_t scatter_from, scatter_to;                    // coarse rows that the own fine rows meet
};
inline DenseRows dense_rows(const DensePlan &p, int64_t task) {
  DenseRows r{};
  r.n = task / p.chunks;
  r.coarse_from = task % p.chunks * p.rows;
  r.coarse_to = least(r.coarse_from + p.rows, p.coarse_h);
  r.fine_from = r.coarse_from * p.stride;
  r.fine_to = least(r.coarse_to * p.stride, p.fine_h);
  r.gather_from = most(0, r.coarse_from * p.stride - p.pad);
  r.gather_to = least(p.fine_h, (r.coarse_to - 1) * p.stride + p.kernel - p.pad);
  r.scatter_from = most(0, r.coarse_from - p.kernel / 2);
  r.scatter_to = least(p.coarse_h, (r.fine_to - 1 + p.pad) / p.stride + 1);
  return r;
}

// weight_floats(): [ky][kx, cf][cc]; turned_floats(): [ky][cc][kx, cf]. Lanes beyond the channels
// are 0.
inline void spread_dense_weights(const DensePlan &p, const float *weight, float *gather,
                                 float *scatter) {
  std::memset(gather, 0, static_cast<size_t>(p.weight_floats()) * sizeof(float));
  std::memset(scatter, 0, static_cast<size_t>(p.turned_floats()) * sizeof(float));
  for (int64_t cc = 0; cc < p.coarse_c; ++cc) {
    for (int64_t cf = 0; cf < p.fine_c; ++cf) {
      for (int64_t ky = 0; ky < p.kernel; ++ky) {
        for (int64_t kx = 0; kx < p.kernel; ++kx) {
          const float w = *weight++;
          const int64_t j = kx * p.fine_c + cf;
          gather[(ky * p.window + j) * p.coarse_step + cc] = w;
          scatter[(ky * p.coarse_c + cc) * p.window_step + j] = w;
        }
      }
    }
  }
}

// What a worker holds. Rows of the two grids from `fine_first` and `coarse_first` on; the input's
// have their derivatives beside.
struct DenseLines {
  float *fine, *coarse, *derivatives, *activations;
  float *line;       // results of a row
  float *bias;       // a fine row of biases
  float *part;       // of a scatter
  Moments *moments;  // of the output's vectors of channels
  int64_t fine_first, coarse_first;

  DenseLines(const DensePlan &p, float *memory, int32_t transform) {
    moments = reinterpret_cast<Moments *>(memory);
    fine = memory + p.moments_floats();
    coarse = fine + p.fine_rows * p.fine_row;
    line = coarse + p.coarse_rows * p.coarse_row;
    bias = line + p.line_floats();
    part = bias + p.line_floats();
    derivatives = part + p.coarse_w * p.window_step;
    const int64_t in = p.transposed ? p.coarse_rows * p.coarse_row : p.fine_rows * p.fine_row;
    activations = transform == PW_BN_SILU_GATE ? derivatives + in : nullptr;
    fine_first = coarse_first = 0;
  }
};

// line [coarse_w][coarse_step] = row `o` of the coarse grid from the fine rows.
inline void gather_row(const DensePlan &p, const DenseLines &lines, int64_t o,
                       const float *weights) {
  Product product_{};
  product_.length = p.window;
  product_.a_step = p.stride * p.fine_c;
  product_.b_step = p.coarse_step;
  for (int64_t k = 0; k < p.kernel; ++k) {
    const int64_t r = o * p.stride + k - p.pad;
    if (r < 0 || r >= p.fine_h) continue;
    product_.a[product_.segments] = lines.fine + (r - lines.fine_first) * p.fine_row;
    product_.b[product_.segments++] = weights + k * p.window * p.coarse_step;
  }
  product(product_, p.coarse_w, p.coarse_step / kLanes, lines.line, p.coarse_step);
}

// line [columns][fine_c], padding included, += row `i` of the fine grid from the coarse rows.
inline void scatter_row(const DensePlan &p, const DenseLines &lines, int64_t i,
                        const float *turned) {
  for (int64_t k = 0; k < p.kernel; ++k) {
    const int64_t at = i + p.pad - k;
    if (at < 0 || at % p.stride != 0 || at / p.stride >= p.coarse_h) continue;
    Product product_{};
    product_.segments = 1;
    product_.length = p.coarse_c;
    product_.a_step = p.coarse_step;
    product_.b_step = p.window_step;
    product_.a[0] = lines.coarse + (at / p.stride - lines.coarse_first) * p.coarse_row;
    product_.b[0] = turned + k * p.coarse_c * p.window_step;
    product(product_, p.coarse_w, p.window_step / kLanes, lines.part, p.window_step);
    add_windows(lines.part, p.window_step, p.coarse_w, lines.line, p.stride * p.fine_c);
  }
}

}  // namespace pw::PW_ISA
