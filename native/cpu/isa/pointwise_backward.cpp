// 1x1 convolution, backward: with G = dL/dy, formed from what the consumer left,
//   dx = T'(x) (G W + addend),   dW = G^T T(x),   dbias = column sums of G.
// T(x) and T'(x) share an exponential: the first product's epilogue leaves T(x) behind for the
// second.
#include "pointwise.h"

namespace pw::PW_ISA {
namespace {

constexpr int64_t kMostSplits = 32;              // of the rows, each with a partial dW
constexpr int64_t kMostPartialFloats = 2 << 20;  // of all partial dW together
constexpr int64_t kWeightRows = 96;              // rows of dW in a task, few rows

// G for some rows into a scratch matrix.
template <int kKind, bool kWhole, class T>
PW_INLINE void gradient_vector(float *to, const T *dy, const T *y, const pw_gradient &g,
                               int64_t channels, int64_t image, int64_t c, int count) {
  const GradientLanes lanes(kKind, g, channels, image, c, kWhole ? kLanes : count);
  const vf raw = kKind == PW_GRAD_PLAIN ? vf{} : get<kWhole>(y + c, count);
  store(to + c, gradient_value<kKind>(lanes, get<kWhole>(dy + c, count), raw));
}

template <class T, int kKind>
void gradient_rows_of(float *to, int64_t ld, const pw_gradient &g, int64_t channels, int64_t pixels,
                      int64_t first, int64_t rows) {
  const T *const dy = static_cast<const T *>(g.dy) + first * channels;
  const T *const y = kKind == PW_GRAD_PLAIN ? dy : static_cast<const T *>(g.y) + first * channels;
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t image = (first + r) / pixels, at = r * channels;
    int64_t c = 0;
    for (; c + kLanes <= channels; c += kLanes) {
      gradient_vector<kKind, true>(to + r * ld, dy + at, y + at, g, channels, image, c, kLanes);
    }
    if (c < channels) {
      gradient_vector<kKind, false>(to + r * ld, dy + at, y + at, g, channels, image, c,
                                    static_cast<int>(channels - c));
    }
  }
}

void gradient_rows(const pw_conv &conv, float *to, int64_t ld, const pw_gradient &g, int64_t pixels,
                   int64_t first, int64_t rows) {
  dispatch_storage(conv.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    dispatch_gradient(conv.gradient, [&](auto kind) {
      gradient_rows_of<T, decltype(kind)::value>(to, ld, g, conv.c_out, pixels, first, rows);
    });
  });
}

// Rows of one image (or of any, without a gate) and one panel of input channels.
struct Patch {
  const pw_view *x;
  const void *addend;  // may be null
  void *dx;
  int64_t first, rows, image, column, channels;
  const float *product;  // G W, [rows][kPanel]
  float *activated;      // T(x), likewise; null when not wanted
  float *sums;           // of the first column; row i at sums + i * sums_stride
  int64_t sums_stride;
};

template <class T, int kKind, bool kWhole>
void input_gradient_vector(const Patch &p, int64_t offset, int count) {
  const int64_t c = p.column + offset, start = p.first * p.channels + c;
  const T *const x = static_cast<const T *>(p.x->data) + start;
  const T *const addend = p.addend != nullptr ? static_cast<const T *>(p.addend) + start : nullptr;
  T *const dx = static_cast<T *>(p.dx) + start;
  const ViewLanes lanes(kKind, *p.x, p.channels, p.image, c, count);
  vf sum0{}, sum1{}, sum2{};
  const auto some = [&](int64_t r, auto rows_of) __attribute__((always_inline)) {
    constexpr int kCount = decltype(rows_of)::value;
    float *const activated = p.activated + r * kPanel + offset;
    vf g[kCount], raw[kCount];
    PW_EACH g[i] = load(p.product + (r + i) * kPanel + offset);
    if (addend != nullptr) PW_EACH g[i] += get<kWhole>(addend + (r + i) * p.channels, count);
    if constexpr (kKind == PW_NONE) {
      if (p.activated != nullptr) {
        PW_EACH store(activated + i * kPanel, get<kWhole>(x + (r + i) * p.channels, count));
      }
    } else {
      vf a[kCount], slope[kCount];
      PW_EACH raw[i] = get<kWhole>(x + (r + i) * p.channels, count);
      PW_EACH a[i] = lanes.z(raw[i]);
      silu_pairs<kCount>(a, slope);
      if constexpr (kKind == PW_BN_SILU) {
        if (p.activated != nullptr) PW_EACH store(activated + i * kPanel, a[i]);
        PW_EACH g[i] *= slope[i];
        PW_EACH sum0 += g[i];
        PW_EACH sum1 += g[i] * (raw[i] - lanes.mean);
      } else {
        PW_EACH sum0 += g[i] * a[i];
        if (p.activated != nullptr) PW_EACH store(activated + i * kPanel, a[i] * lanes.gate);
        PW_EACH slope[i] *= g[i];
        PW_EACH sum1 += slope[i];
        PW_EACH sum2 += slope[i] * (raw[i] - lanes.mean);
      }
    }
    PW_EACH set<kWhole>(dx + (r + i) * p.channels, g[i], count);
  };
  int64_t r = 0;
  for (; r + 4 <= p.rows; r += 4) some(r, Kind<4>{});
  for (; r < p.rows; ++r) some(r, Kind<1>{});
  if constexpr (kKind == PW_BN_SILU) {
    store_n(p.sums + offset, sum0, count);
    store_n(p.sums + p.sums_stride + offset, sum1 * lanes.rstd, count);
  } else if constexpr (kKind == PW_BN_SILU_GATE) {
    store_n(p.sums + offset, sum0, count);
    store_n(p.sums + p.sums_stride + offset, sum1, count);
    store_n(p.sums + 2 * p.sums_stride + offset, sum2 * lanes.rstd, count);
  }
}

void input_gradient(const pw_conv &conv, const Patch &p) {
  const int64_t columns = least(kPanel, p.channels - p.column);
  dispatch_storage(conv.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    dispatch_transform(conv.transform, [&](auto kind) {
      constexpr int kKind = decltype(kind)::value;
      for (int64_t c = 0; c < columns; c += kLanes) {
        if (columns - c >= kLanes) {
          input_gradient_vector<T, kKind, true>(p, c, kLanes);
        } else {
          input_gradient_vector<T, kKind, false>(p, c, static_cast<int>(columns - c));
        }
      }
    });
  });
}

// T(x) of some rows, one panel of channels, where no input gradient is wanted.
void activate_panel(const pw_conv &conv, const pw_view &x, int64_t pixels, int64_t first,
                    int64_t rows, int64_t column, float *to) {
  const int64_t channels = conv.c_in, columns = least(kPanel, channels - column);
  dispatch_storage(conv.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    dispatch_transform(conv.transform, [&](auto kind) {
      constexpr int kKind = decltype(kind)::value;
      for (int64_t r = 0; r < rows; ++r) {
        const T *const from = static_cast<const T *>(x.data) + (first + r) * channels + column;
        for (int64_t c = 0; c < columns; c += kLanes) {
          const int count = static_cast<int>(least(kLanes, columns - c));
          const ViewLanes lanes(kKind, x, channels, (first + r) / pixels, column + c, count);
          store(to + r * kPanel + c, view_value<kKind>(lanes, load_n(from + c, count)));
        }
      }
    });
  });
}

// Where a backward pass keeps what, in floats from the start of the workspace.
struct BackwardPlan {
  PointwiseShape shape;
  RowBlocks blocks;  // many rows
  int64_t panels;    // of input channels
  int64_t splits;    // many rows: runs of blocks, each with its partial dW [panels][c_out][kPanel]
  int64_t parts;     // few rows: runs of images
  int64_t stride;    // of a row of G
  int64_t packed, gradient, activated, weights, sums, bias, scratch, scratch_size, floats;

  BackwardPlan(const pw_conv &conv, int threads)
      : shape(conv),
        blocks(shape.images, shape.pixels,
               wanted_rows(shape.rows, shape.c_in + shape.c_out, 49152)),
        panels(ceil_div(shape.c_in, kPanel)),
        splits(least(least(kMostSplits, blocks.count()),
                     most(4, kMostPartialFloats / weight_floats()))),
        parts(few_rows_parts(shape.images, panels)),
        stride(scratch_stride(shape.c_out)) {
    splits = least(splits, blocks.count());
    Carver carver;
    const bool few = shape.few_rows;
    packed = carver.take(few ? 0 : weight_floats());
    gradient = carver.take(few ? shape.rows * stride : 0);
    activated = carver.take(few ? panels * shape.rows * kPanel : 0);
    weights = carver.take(few ? 0 : splits * weight_floats());
    sums = carver.take((few ? parts : blocks.count()) * 3 * shape.c_in);
    bias = carver.take(few ? 0 : blocks.count() * shape.c_out);
    Carver own;
    if (few) {
      own.take(kPanel * ceil_div(shape.images, parts) * shape.pixels);
      own.take(kPanel * kMaxDepth);
    } else {
      own.take(kPanel * blocks.most_rows());
      own.take(kPanel * blocks.most_rows());
      own.take(blocks.most_rows() * stride);
    }
    scratch_size = own.floats;
    scratch = carver.take(scratch_size * threads);
    floats = carver.floats;
  }

  int64_t weight_floats() const { return panels * shape.c_out * kPanel; }
  int64_t split_begin(int64_t split) const { return part_begin(blocks.count(), splits, split); }
};

struct Backward {
  const pw_conv &conv;
  const BackwardPlan plan;
  const pw_view &x;
  const float *weight;
  const pw_gradient &dy;
  const pw_input_gradient &dx;
  float *dweight, *dbias, *workspace;

  float *scratch(int worker) const { return workspace + plan.scratch + worker * plan.scratch_size; }

  // dx of some rows and a panel. `first` is the start of an image unless the rows are part of one.
  // `slot`: of the partial sums, of which those of whole images have no need.
  void patches(int64_t first, int64_t rows, int64_t panel, int64_t slot, const float *product,
               float *activated) const {
    const PointwiseShape &s = plan.shape;
    const int64_t column = panel * kPanel;
    Patch p{&x,     dx.addend, dx.dx,   first,     rows,    first / s.pixels,
            column, s.c_in,    product, activated, nullptr, s.c_in};
    if (conv.transform != PW_BN_SILU_GATE || rows < s.pixels) {
      p.sums = workspace + plan.sums + slot * 3 * s.c_in + column;
      input_gradient(conv, p);
      return;
    }
    p.rows = s.pixels;
    p.sums_stride = s.images * s.c_in;
    for (int64_t r = 0; r < rows; r += s.pixels) {
      p.first = first + r;
      p.image = p.first / s.pixels;
      p.product = product + r * kPanel;
      p.activated = activated != nullptr ? activated + r * kPanel : nullptr;
      p.sums = dx.sums + p.image * s.c_in + column;
      input_gradient(conv, p);
    }
  }

  // ---- many rows ----

  void column_sums(const float *g, int64_t rows, float *to) const {
    const int64_t n = plan.shape.c_out;
    for (int64_t c = 0; c < n; c += kLanes) {
      const int count = static_cast<int>(least(kLanes, n - c));
      vf sum{};
      for (int64_t r = 0; r < rows; ++r) sum += load(g + r * plan.stride + c);
      store_n(to + c, sum, count);
    }
  }

  void block(int64_t index, int64_t split, int worker) const {
    const PointwiseShape &s = plan.shape;
    const int64_t first = plan.blocks.first(index), rows = plan.blocks.rows(index);
    float *const product = scratch(worker);
    float *const activated = product + kPanel * plan.blocks.most_rows();
    float *const g = activated + kPanel * plan.blocks.most_rows();
    const bool wants_dx = dx.dx != nullptr;
    gradient_rows(conv, g, plan.stride, dy, s.pixels, first, rows);
    if (dbias != nullptr) column_sums(g, rows, workspace + plan.bias + index * s.c_out);
    if (!wants_dx && dweight == nullptr) return;
    for (int64_t panel = 0; panel < plan.panels; ++panel) {
      const int vectors = panel_vectors(s.c_in - panel * kPanel);
      const int64_t panel_floats = s.c_out * kPanel;
      if (wants_dx) {
        deep_panel_product<false>(rows, s.c_out, g, plan.stride,
                                  workspace + plan.packed + panel * panel_floats, vectors, product,
                                  kPanel, false);
        patches(first, rows, panel, index, product, dweight != nullptr ? activated : nullptr);
      } else {
        activate_panel(conv, x, s.pixels, first, rows, panel * kPanel, activated);
      }
      if (dweight == nullptr) continue;
      float *const partial =
          workspace + plan.weights + split * plan.weight_floats() + panel * panel_floats;
      deep_panel_product<true>(s.c_out, rows, g, plan.stride, activated, vectors, partial, kPanel,
                               index > plan.split_begin(split));
    }
  }

  // dW of some output channels from the partial ones.
  void reduce_weights(int64_t begin, int64_t end) const {
    const PointwiseShape &s = plan.shape;
    for (int64_t panel = 0; panel < plan.panels; ++panel) {
      for (int64_t n = begin; n < end; ++n) {
        const float *const from = workspace + plan.weights + (panel * s.c_out + n) * kPanel;
        const int64_t column = panel * kPanel;
        for (int64_t c = column; c < least(s.c_in, column + kPanel); c += kLanes) {
          const int count = static_cast<int>(least(kLanes, s.c_in - c));
          float *const to = dweight + n * s.c_in + c;
          vf sum = conv.accumulate != 0 ? load_n(to, count) : vf{};
          vf partial{};
          for (int64_t split = 0; split < plan.splits; ++split) {
            partial += load(from + split * plan.weight_floats() + c - column);
          }
          store_n(to, sum + partial, count);
        }
      }
    }
  }

  void many_rows(Pool &pool) const {
    const PointwiseShape &s = plan.shape;
    if (dx.dx != nullptr) {
      const int64_t together = ceil_div(16384, s.c_out * kPanel);  // panels worth a task
      parallel(pool, ceil_div(plan.panels, together), [&](int64_t task, int) {
        for (int64_t p = task * together; p < least(plan.panels, (task + 1) * together); ++p) {
          pack_rows(workspace + plan.packed + p * s.c_out * kPanel, weight + p * kPanel, s.c_in,
                    s.c_out, s.c_in - p * kPanel);
        }
      });
    }
    parallel(pool, plan.splits, [&](int64_t split, int worker) {
      for (int64_t b = plan.split_begin(split); b < plan.split_begin(split + 1); ++b) {
        block(b, split, worker);
      }
    });
    if (dweight != nullptr) {
      const int64_t together = ceil_div(32768, s.c_in * plan.splits);  // rows worth a task
      parallel(pool, ceil_div(s.c_out, together), [&](int64_t task, int) {
        reduce_weights(task * together, least(s.c_out, (task + 1) * together));
      });
    }
    if (dx.dx != nullptr) merge_sums(pool, plan.blocks.count());
    if (dbias != nullptr) {
      merge(pool, workspace + plan.bias, plan.blocks.count(), s.c_out, dbias, s.c_out,
            conv.accumulate != 0);
    }
  }

  // ---- few rows ----

  void prepare(Pool &pool) const {
    const PointwiseShape &s = plan.shape;
    const int64_t together = ceil_div(8192, s.c_out);  // rows worth a task
    const int64_t row_tasks = ceil_div(s.rows, together);
    const bool activate = dx.dx == nullptr && dweight != nullptr;
    parallel(pool, row_tasks + (activate ? plan.panels : 0), [&](int64_t task, int) {
      if (task >= row_tasks) {
        const int64_t panel = task - row_tasks;
        activate_panel(conv, x, s.pixels, 0, s.rows, panel * kPanel,
                       workspace + plan.activated + panel * s.rows * kPanel);
        return;
      }
      const int64_t first = task * together;
      gradient_rows(conv, workspace + plan.gradient + first * plan.stride, plan.stride, dy,
                    s.pixels, first, least(together, s.rows - first));
    });
  }

  void input_task(int64_t panel, int64_t part, int worker) const {
    const PointwiseShape &s = plan.shape;
    const int64_t first = part_begin(s.images, plan.parts, part) * s.pixels;
    const int64_t rows = part_begin(s.images, plan.parts, part + 1) * s.pixels - first;
    float *const product = scratch(worker);
    float *const packed = product + kPanel * ceil_div(s.images, plan.parts) * s.pixels;
    const int64_t column = panel * kPanel, columns = s.c_in - column, step = depth_step(s.c_out);
    for (int64_t d = 0; d < s.c_out; d += step) {
      const int64_t depth = least(step, s.c_out - d);
      pack_rows(packed, weight + d * s.c_in + column, s.c_in, depth, columns);
      panel_product<false>(rows, depth, workspace + plan.gradient + first * plan.stride + d,
                           plan.stride, packed, panel_vectors(columns), product, kPanel, d > 0);
    }
    patches(first, rows, panel, part, product,
            dweight != nullptr ? workspace + plan.activated + (panel * s.rows + first) * kPanel
                               : nullptr);
  }

  // dW of some output channels and a panel of input channels.
  void weight_task(int64_t panel, int64_t begin, int64_t end) const {
    const PointwiseShape &s = plan.shape;
    const int64_t column = panel * kPanel, columns = least(kPanel, s.c_in - column);
    const int vectors = panel_vectors(columns);
    const float *const g = workspace + plan.gradient + begin;
    const float *const t = workspace + plan.activated + panel * s.rows * kPanel;
    const bool add = conv.accumulate != 0;
    if (columns == vectors * kLanes) {
      deep_panel_product<true>(end - begin, s.rows, g, plan.stride, t, vectors,
                               dweight + begin * s.c_in + column, s.c_in, add);
      return;
    }
    // The last panel's vectors reach beyond the rows of dW.
    float rows[kWeightRows * kPanel];
    deep_panel_product<true>(end - begin, s.rows, g, plan.stride, t, vectors, rows, kPanel, false);
    for (int64_t n = begin; n < end; ++n) {
      for (int64_t c = 0; c < columns; c += kLanes) {
        const int count = static_cast<int>(least(kLanes, columns - c));
        float *const to = dweight + n * s.c_in + column + c;
        const vf value = load(rows + (n - begin) * kPanel + c);
        store_n(to, add ? load_n(to, count) + value : value, count);
      }
    }
  }

  void few_rows(Pool &pool) const {
    const PointwiseShape &s = plan.shape;
    prepare(pool);
    if (dx.dx != nullptr) {
      parallel(pool, plan.panels * plan.parts, [&](int64_t task, int worker) {
        input_task(task / plan.parts, task % plan.parts, worker);
      });
      merge_sums(pool, plan.parts);
    }
    if (dweight != nullptr) {
      parallel(pool, plan.panels * ceil_div(s.c_out, kWeightRows), [&](int64_t task, int) {
        const int64_t begin = task / plan.panels * kWeightRows;
        weight_task(task % plan.panels, begin, least(s.c_out, begin + kWeightRows));
      });
    }
    if (dbias != nullptr) {
      merge(pool, workspace + plan.gradient, s.rows, plan.stride, dbias, s.c_out,
            conv.accumulate != 0);
    }
  }

  // ---- both ----

  void merge(Pool &pool, const float *from, int64_t count, int64_t stride, float *to, int64_t width,
             bool add) const {
    const int64_t chunk = round_up(ceil_div(32768, count), 16);
    parallel(pool, ceil_div(width, chunk), [&](int64_t task, int) {
      sum_parts(from, count, stride, to, task * chunk, least(width, (task + 1) * chunk), add);
    });
  }

  void merge_sums(Pool &pool, int64_t slots) const {
    const PointwiseShape &s = plan.shape;
    const float *const from = workspace + plan.sums;
    if (conv.transform == PW_BN_SILU) {
      merge(pool, from, slots, 3 * s.c_in, dx.sums, 2 * s.c_in, false);
    } else if (conv.transform == PW_BN_SILU_GATE && !s.few_rows && plan.blocks.per_image > 1) {
      const int64_t each = plan.blocks.per_image;
      parallel(pool, s.images * 3, [&](int64_t task, int) {
        const int64_t image = task / 3, row = task % 3;
        sum_parts(from + (image * each * 3 + row) * s.c_in, each, 3 * s.c_in,
                  dx.sums + (row * s.images + image) * s.c_in, 0, s.c_in, false);
      });
    }
  }
};

}  // namespace

int64_t pointwise_backward_workspace(int threads, const pw_conv &conv) {
  return BackwardPlan(conv, threads).floats * 4;
}

void pointwise_backward(Pool &pool, const pw_conv &conv, const pw_view &x, const float *weight,
                        const pw_gradient &dy, const pw_input_gradient &dx, float *dweight,
                        float *dbias, void *workspace) {
  const Backward call{conv,  BackwardPlan(conv, pool.threads()), x, weight, dy, dx, dweight,
                      dbias, static_cast<float *>(workspace)};
  if (call.plan.shape.few_rows) {
    call.few_rows(pool);
  } else {
    call.many_rows(pool);
  }
}

}  // namespace pw::PW_ISA
