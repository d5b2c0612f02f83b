// Products of whole tensors of the inference path, with what comes before and after them.
#pragma once

#include "inference.h"

namespace pw::PW_ISA {

// y = activation(W (x * gate) + bias) + addend, and the mean of y over the sites of each image;
// gate, addend and mean may be null.
template <class T>
struct Pointwise {
  const T *x, *gate;
  const void *weights;
  const T *addend;
  T *y;
  float *mean;
  Sites sites;
};

// How the product is cut into tasks; depends on the shape alone.
struct PointwisePlan {
  // Rows of a block, so that its inputs stay in the second-level cache while all weights pass by.
  static constexpr int64_t kBlockNumbers = 49152;

  int64_t rows, pixels, depth, columns, units;
  int64_t blocks, parts;  // of rows, of panels
  int64_t row_step;       // blocks begin at multiples of it

  PointwisePlan(const pw_inference &d, bool means, bool alone)
      : rows(static_cast<int64_t>(d.n) * d.h * d.w),
        pixels(static_cast<int64_t>(d.h) * d.w),
        depth(d.c_in),
        columns(d.c_out),
        units(units_of(d.c_out)),
        row_step(means ? pixels : 1) {
    const int64_t most_rows = most(kMostTileRows, kBlockNumbers / depth);
    blocks = ceil_div(rows, most_rows);
    // A few tiles reuse what was loaded of the weights.
    if (!alone) blocks = most(blocks, least(16, ceil_div(rows, 4 * kMostTileRows)));
    // Means are of whole images.
    blocks = least(blocks, rows / row_step);
    parts = alone ? 1 : least(panels_of(units), ceil_div(12, blocks));
  }

  int64_t first(int64_t block) const {
    return part_start(rows / row_step, blocks, block) * row_step;
  }
  int64_t most_rows() const { return ceil_div(rows / row_step, blocks) * row_step; }
  int64_t cycles() const { return rows * units * (depth + 16) * kUnitVectors; }
  // Of each worker.
  template <class T>
  int64_t scratch_bytes() const {
    return round_up(most_rows() * depth * static_cast<int64_t>(sizeof(T)), 64);
  }
};

// The rows times the gates of their images.
template <class T>
void gate_rows(const Pointwise<T> &p, const PointwisePlan &plan, int64_t first, int64_t rows,
               T *to) {
  for (int64_t r = 0; r < rows; ++r, to += plan.depth) {
    const T *const from = p.x + (first + r) * plan.depth;
    const T *const gate = p.gate + (first + r) / plan.pixels * plan.depth;
    int64_t c = 0;
    for (; c + 4 * kLanes <= plan.depth; c += 4 * kLanes) {
#pragma GCC unroll 4
      for (int v = 0; v < 4; ++v) {
        store(to + c + v * kLanes, load(from + c + v * kLanes) * load(gate + c + v * kLanes));
      }
    }
    for (; c < plan.depth; c += kLanes) {
      const int count = static_cast<int>(least(kLanes, plan.depth - c));
      store_n(to + c, load_n(from + c, count) * load_n(gate + c, count), count);
    }
  }
}

// Of the channels [from, to) of one image, and its sites alone.
template <class T>
void image_means(const PointwisePlan &plan, const T *y, const Sites &sites, int64_t from,
                 int64_t to, float *mean) {
  const float share = 1.0f / static_cast<float>(sites.divisor(0, plan.pixels));
  for (int64_t c = from; c < to; c += kLanes) {
    const int count = static_cast<int>(least(kLanes, to - c));
    vf sums[2] = {};
    for (int64_t p = 0; p < plan.pixels; ++p) {
      if (sites.active != nullptr && sites.active[p] == 0) continue;
      sums[p % 2] += load_n(y + p * plan.columns + c, count);
    }
    store_n(mean + c, (sums[0] + sums[1]) * share, count);
  }
}

// `scratch`: PointwisePlan::scratch_bytes() for each worker; only gates need it.
template <class T>
void pointwise_product(const Team &team, const pw_inference &d, const Pointwise<T> &p,
                       void *scratch) {
  const PointwisePlan plan(d, p.mean != nullptr, team.alone());
  const Packed weights(p.weights, ceil_div(plan.depth, kDepthStep<T>));
  const Outputs<T> outputs{p.y, p.addend, plan.columns, d.activation};
  team.run(plan.blocks * plan.parts, plan.cycles(), [&](int64_t task, int worker) {
    const int64_t block = task / plan.parts, part = task % plan.parts;
    const int64_t first = plan.first(block), rows = plan.first(block + 1) - first;
    const int64_t panels = panels_of(plan.units);
    const int64_t from = part_start(panels, plan.parts, part);
    const int64_t to = part_start(panels, plan.parts, part + 1);
    const T *a = p.x + first * plan.depth;
    if (p.gate != nullptr) {
      T *const gated =
          reinterpret_cast<T *>(static_cast<char *>(scratch) + worker * plan.scratch_bytes<T>());
      gate_rows(p, plan, first, rows, gated);
      a = gated;
    }
    const auto inputs = TileInputs<T>::matrix(a, plan.depth);
    for_panels(from, to, plan.units, [&](int64_t unit, int units) {
      for_tiles(rows, [&](int64_t row, int height) {
        outputs.tile(inputs.from(row), weights, unit, units, first + row, height);
      });
    });
    if (p.mean == nullptr) return;
    const int64_t width = kMostTileUnits * kUnit;
    for (int64_t row = first; row < first + rows; row += plan.pixels) {
      const int64_t image = row / plan.pixels;
      image_means(plan, p.y + row * plan.columns, p.sites.image(image, plan.pixels), from * width,
                  least(to * width, plan.columns), p.mean + image * plan.columns);
    }
  });
}

}  // namespace pw::PW_ISA
