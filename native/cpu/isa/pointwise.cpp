// 1x1 convolution, forward: y = T(x) W^T + bias with the channel statistics of y.
#include "pointwise.h"

namespace pw::PW_ISA {
namespace {

constexpr int64_t kStatisticsRows = 96;  // summed up in f32 before f64 takes over, few rows

// Where a forward pass keeps what, in floats from the start of the workspace.
struct ForwardPlan {
  PointwiseShape shape;
  RowBlocks blocks;  // many rows
  int64_t panels;    // of output channels
  int64_t parts;     // few rows
  int64_t slots;     // of partial statistics
  int64_t stride;    // of a row of activations
  int64_t depth;     // of the product, in its elements
  int64_t packed, activations, statistics, scratch, scratch_size, floats;

  ForwardPlan(const pw_conv &conv, int threads, int64_t depth)
      : shape(conv),
        blocks(shape.images, shape.pixels, wanted_rows(shape.rows, shape.c_in, 32768)),
        panels(ceil_div(shape.c_out, kPanel)),
        parts(few_rows_parts(shape.rows, panels)),
        slots(shape.few_rows ? parts * ceil_div(ceil_div(shape.rows, parts), kStatisticsRows)
                             : blocks.count()),
        stride(scratch_stride(depth)),
        depth(depth) {
    Carver carver;
    packed = carver.take(shape.few_rows ? 0 : panels * depth * kPanel);
    activations = carver.take(shape.few_rows ? shape.rows * stride : 0);
    statistics = carver.take(slots * 2 * shape.c_out);
    Carver own;
    own.take(kPanel * (shape.few_rows ? ceil_div(shape.rows, parts) : blocks.most_rows()));
    own.take(shape.few_rows ? kPanel * (kMaxDepth + kLanes) : blocks.most_rows() * stride);
    scratch_size = own.floats;
    scratch = carver.take(scratch_size * threads);
    floats = carver.floats;
  }
};

// The rows of a vector of y, from their products: adds the bias, stores, and sums up. `mean` and
// `square`: mean and sum of squared deviations of what was stored; null when not wanted.
template <class T, bool kWhole>
void store_vector(const float *product, int64_t rows, int count, const float *bias, T *y,
                  int64_t ld, float *mean, float *square) {
  const vf offset = bias != nullptr ? get<kWhole>(bias, count) : vf{};
  // Sums are taken about a value amid the others, so that little cancels.
  const vf pivot = (load(product) + load(product + rows / 3 * kPanel) +
                    load(product + 2 * rows / 3 * kPanel) + load(product + (rows - 1) * kPanel)) *
                       0.25f +
                   offset;
  vf sums[2] = {}, squares[2] = {};
  const auto row = [&](int64_t r, int chain) __attribute__((always_inline)) {
    vf value = load(product + r * kPanel) + offset;
    set<kWhole>(y + r * ld, value, count);
    value = stored_as<T>(value);
    const vf away = value - pivot;
    sums[chain] += away;
    squares[chain] += away * away;
  };
  int64_t r = 0;
  for (; r + 1 < rows; r += 2) {
    row(r, 0);
    row(r + 1, 1);
  }
  if (r < rows) row(r, 0);
  if (mean == nullptr) return;
  const float share = 1.0f / static_cast<float>(rows);
  const vf sum = sums[0] + sums[1];
  set<kWhole>(mean, pivot + sum * share, count);
  // In this order, vmax passes a NaN on.
  set<kWhole>(square, vmax(vf{}, squares[0] + squares[1] - sum * sum * share), count);
}

template <class T>
void store_panel(const float *product, int64_t rows, int64_t columns, const float *bias, T *y,
                 int64_t ld, float *mean, float *square) {
  for (int64_t c = 0; c < columns; c += kLanes) {
    const float *const offset = bias != nullptr ? bias + c : nullptr;
    float *const m = mean != nullptr ? mean + c : nullptr;
    float *const q = mean != nullptr ? square + c : nullptr;
    if (columns - c >= kLanes) {
      store_vector<T, true>(product + c, rows, kLanes, offset, y + c, ld, m, q);
    } else {
      store_vector<T, false>(product + c, rows, static_cast<int>(columns - c), offset, y + c, ld, m,
                             q);
    }
  }
}

// The problem of one call, with products of elements E.
template <class E>
struct Forward {
  const pw_conv &conv;
  const ForwardPlan plan;
  const pw_view &x;
  const float *weight, *bias;
  void *y;
  float *stats, *workspace;

  // What is stored as it is multiplied, and not transformed, is used where it lies.
  bool as_it_is() const {
    constexpr int64_t kNumbers = ElementOf<E>::kNumbers;
    return conv.storage == (kNumbers == 1 ? PW_F32 : PW_BF16) && conv.transform == PW_NONE &&
           conv.c_in % kNumbers == 0;
  }
  E *matrix(int64_t offset) const { return reinterpret_cast<E *>(workspace + offset); }
  float *scratch(int worker) const { return workspace + plan.scratch + worker * plan.scratch_size; }

  void store_product(const float *product, int64_t first, int64_t rows, int64_t panel,
                     int64_t slot) const {
    const int64_t n = plan.shape.c_out, column = panel * kPanel;
    float *const part =
        stats != nullptr ? workspace + plan.statistics + slot * 2 * n + column : nullptr;
    dispatch_storage(conv.storage, [&](auto *type) {
      using T = std::remove_pointer_t<decltype(type)>;
      store_panel(
          product, rows, least(kPanel, n - column), bias != nullptr ? bias + column : nullptr,
          static_cast<T *>(y) + first * n + column, n, part, part != nullptr ? part + n : nullptr);
    });
  }

  void block(int64_t index, int worker) const {
    const PointwiseShape &s = plan.shape;
    const int64_t first = plan.blocks.first(index), rows = plan.blocks.rows(index);
    float *const product = scratch(worker);
    E *const own = reinterpret_cast<E *>(product + round_up(kPanel * plan.blocks.most_rows(), 16));
    const E *a = own;
    int64_t lda = plan.stride;
    if (as_it_is()) {
      a = static_cast<const E *>(x.data) + first * plan.depth;
      lda = plan.depth;
    } else {
      activate_rows(conv, own, lda, x, s.pixels, first, rows);
    }
    for (int64_t panel = 0; panel < plan.panels; ++panel) {
      deep_panel_product<false>(rows, plan.depth, a, lda,
                                matrix(plan.packed) + panel * plan.depth * kPanel,
                                panel_vectors(s.c_out - panel * kPanel), product, kPanel, false);
      store_product(product, first, rows, panel, index);
    }
  }

  void many_rows(Pool &pool) const {
    const PointwiseShape &s = plan.shape;
    const int64_t together = ceil_div(16384, s.c_in * kPanel);  // panels worth a task
    parallel(pool, ceil_div(plan.panels, together), [&](int64_t task, int) {
      for (int64_t p = task * together; p < least(plan.panels, (task + 1) * together); ++p) {
        pack_columns(matrix(plan.packed) + p * plan.depth * kPanel, weight + p * kPanel * s.c_in,
                     s.c_in, s.c_in, s.c_out - p * kPanel);
      }
    });
    parallel(pool, plan.blocks.count(), [&](int64_t index, int worker) { block(index, worker); });
  }

  void panel_task(int64_t panel, int64_t part, int worker) const {
    const PointwiseShape &s = plan.shape;
    const int64_t first = part_begin(s.rows, plan.parts, part);
    const int64_t rows = part_begin(s.rows, plan.parts, part + 1) - first;
    float *const product = scratch(worker);
    E *const packed =
        reinterpret_cast<E *>(product + round_up(kPanel * ceil_div(s.rows, plan.parts), 16));
    const E *const a = as_it_is() ? static_cast<const E *>(x.data) : matrix(plan.activations);
    const int64_t lda = as_it_is() ? plan.depth : plan.stride;
    const int64_t column = panel * kPanel, columns = s.c_out - column;
    const int64_t step = depth_step(plan.depth);
    for (int64_t d = 0; d < plan.depth; d += step) {
      const int64_t depth = least(step, plan.depth - d);
      const int64_t k = d * ElementOf<E>::kNumbers;
      pack_columns(packed, weight + column * s.c_in + k, s.c_in,
                   least(depth * ElementOf<E>::kNumbers, s.c_in - k), columns);
      panel_product<false>(rows, depth, a + first * lda + d, lda, packed, panel_vectors(columns),
                           product, kPanel, d > 0);
    }
    for (int64_t slot = part * plan.slots / plan.parts; slot < (part + 1) * plan.slots / plan.parts;
         ++slot) {
      const int64_t begin = part_begin(s.rows, plan.slots, slot);
      const int64_t end = part_begin(s.rows, plan.slots, slot + 1);
      store_product(product + (begin - first) * kPanel, begin, end - begin, panel, slot);
    }
  }

  void few_rows(Pool &pool) const {
    const PointwiseShape &s = plan.shape;
    if (!as_it_is()) {
      const int64_t together = ceil_div(8192, s.c_in);  // rows worth a task
      parallel(pool, ceil_div(s.rows, together), [&](int64_t task, int) {
        const int64_t first = task * together;
        activate_rows(conv, matrix(plan.activations) + first * plan.stride, plan.stride, x,
                      s.pixels, first, least(together, s.rows - first));
      });
    }
    parallel(pool, plan.panels * plan.parts, [&](int64_t task, int worker) {
      panel_task(task / plan.parts, task % plan.parts, worker);
    });
  }

  void merge(Pool &pool) const {
    const PointwiseShape &s = plan.shape;
    const auto rows = [&](int64_t slot) {
      return s.few_rows
                 ? part_begin(s.rows, plan.slots, slot + 1) - part_begin(s.rows, plan.slots, slot)
                 : plan.blocks.rows(slot);
    };
    const int64_t chunk = round_up(ceil_div(32768, plan.slots), 16);
    parallel(pool, ceil_div(s.c_out, chunk), [&](int64_t task, int) {
      merge_statistics(workspace + plan.statistics, plan.slots, s.c_out, s.rows, rows, stats,
                       task * chunk, least(s.c_out, (task + 1) * chunk));
    });
  }
};

void forward(Pool &pool, const pw_conv &conv, const pw_view &x, const float *weight,
             const float *bias, void *y, float *stats, void *workspace) {
  dispatch_element(conv, [&](auto *element) {
    using E = std::remove_pointer_t<decltype(element)>;
    const Forward<E> call{conv,  ForwardPlan(conv, pool.threads(), elements<E>(conv.c_in)),
                          x,     weight,
                          bias,  y,
                          stats, static_cast<float *>(workspace)};
    if (call.plan.shape.few_rows) {
      call.few_rows(pool);
    } else {
      call.many_rows(pool);
    }
    if (stats != nullptr) call.merge(pool);
  });
}

int64_t workspace_bytes(int threads, const pw_conv &conv, int32_t pass) {
  if (pass == PW_BACKWARD) return pointwise_backward_workspace(threads, conv);
  int64_t bytes = 0;
  dispatch_element(conv, [&](auto *element) {
    using E = std::remove_pointer_t<decltype(element)>;
    bytes = ForwardPlan(conv, threads, elements<E>(conv.c_in)).floats * 4;
  });
  return bytes;
}

}  // namespace

void fill_pointwise(Kernels &k) {
  k.pointwise_workspace = workspace_bytes;
  k.pointwise_forward = forward;
  k.pointwise_backward = pointwise_backward;
}

}  // namespace pw::PW_ISA
