// 1x1 convolution, backward: with G = dL/dy, formed from what the consumer left,
//   dx = T'(x) (G W + addend),   dW = G^T T(x),   dbias = column sums of G.
// T(x) and T'(x) share an exponential: the first product's epilogue leaves T(x) behind for the
// second. Products of pairs need them along c_out for the first and along the rows for the second,
// so that the second has its own copy of G, interleaved, and T(x) is interleaved where it lies.
#include "pointwise.h"

namespace pw::PW_ISA {
namespace {

constexpr int64_t kMostSplits = 32;              // of the rows, each with a partial dW
constexpr int64_t kMostPartialFloats = 2 << 20;  // of all partial dW together
constexpr int64_t kWeightRows = 96;              // rows of dW in a task, few rows

// G for some rows into a scratch matrix of elements E, whose rows are filled up to a whole vector
// with zeros.
template <int kKind, bool kWhole, class N, class T>
PW_INLINE void gradient_vector(N *to, const T *dy, const T *y, const pw_gradient &g,
                               int64_t channels, int64_t image, int64_t c, int count,
                               int32_t pooled) {
  const GradientLanes lanes(kKind, g, channels, image, c, kWhole ? kLanes : count);
  const vf raw = kKind == PW_GRAD_PLAIN ? vf{} : get<kWhole>(y + c, count);
  store(to + c, gradient_value<kKind>(lanes, get<kWhole>(dy + c, count), raw, pooled));
}

template <class E, class T, int kKind>
void gradient_rows_of(E *matrix, int64_t ld, const pw_gradient &g, int64_t channels, int64_t pixels,
                      int64_t first, int64_t rows) {
  const T *const dy = static_cast<const T *>(g.dy) + first * channels;
  const T *const y = kKind == PW_GRAD_PLAIN ? dy : static_cast<const T *>(g.y) + first * channels;
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t image = (first + r) / pixels, at = r * channels;
    const int32_t pooled = kKind == PW_GRAD_BN_SILU_GATE ? pooled_bits(g, first + r) : 0;
    Number<E> *const to = reinterpret_cast<Number<E> *>(matrix + r * ld);
    int64_t c = 0;
    for (; c + kLanes <= channels; c += kLanes) {
      gradient_vector<kKind, true>(to, dy + at, y + at, g, channels, image, c, kLanes, pooled);
    }
    if (c < channels) {
      gradient_vector<kKind, false>(to, dy + at, y + at, g, channels, image, c,
                                    static_cast<int>(channels - c), pooled);
    }
  }
}

template <class E>
void gradient_rows(const pw_conv &conv, E *to, int64_t ld, const pw_gradient &g, int64_t pixels,
                   int64_t first, int64_t rows) {
  dispatch_storage(conv.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    dispatch_gradient(conv.gradient, [&](auto kind) {
      gradient_rows_of<E, T, decltype(kind)::value>(to, ld, g, conv.c_out, pixels, first, rows);
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
  void *activated;       // T(x), likewise, in the numbers of the products; null when not wanted
  float *sums;           // of the first column; row i at sums + i * sums_stride
  int64_t sums_stride;
};

template <class N, class T, int kKind, bool kWhole>
void input_gradient_vector(const Patch &p, int64_t offset, int count) {
  const int64_t c = p.column + offset, start = p.first * p.channels + c;
  const T *const x = static_cast<const T *>(p.x->data) + start;
  const T *const addend = p.addend != nullptr ? static_cast<const T *>(p.addend) + start : nullptr;
  T *const dx = static_cast<T *>(p.dx) + start;
  const ViewLanes lanes(kKind, *p.x, p.channels, p.image, c, count);
  vf sum0{}, sum1{}, sum2{};
  const auto some = [&](int64_t r, auto rows_of) __attribute__((always_inline)) {
    constexpr int kCount = decltype(rows_of)::value;
    N *const activated = static_cast<N *>(p.activated) + r * kPanel + offset;
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

template <class N>
void input_gradient(const pw_conv &conv, const Patch &p) {
  const int64_t columns = least(kPanel, p.channels - p.column);
  dispatch_storage(conv.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    dispatch_transform(conv.transform, [&](auto kind) {
      constexpr int kKind = decltype(kind)::value;
      for (int64_t c = 0; c < columns; c += kLanes) {
        if (columns - c >= kLanes) {
          input_gradient_vector<N, T, kKind, true>(p, c, kLanes);
        } else {
          input_gradient_vector<N, T, kKind, false>(p, c, static_cast<int>(columns - c));
        }
      }
    });
  });
}

// T(x) of some rows, one panel of channels, where no input gradient is wanted.
template <class N>
void activate_panel(const pw_conv &conv, const pw_view &x, int64_t pixels, int64_t first,
                    int64_t rows, int64_t column, N *to) {
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
template <class E>
struct BackwardPlan {
  static constexpr bool kPairs = ElementOf<E>::kNumbers == 2;

  PointwiseShape shape;
  RowBlocks blocks;  // many rows
  int64_t panels;    // of input channels
  int64_t splits;    // many rows: runs of blocks, each with its partial dW [panels][c_out][kPanel]
  int64_t parts;     // few rows: runs of images
  int64_t depth;     // of the first product, in elements
  int64_t stride;    // of a row of G
  int64_t interleaved_stride;  // of a row of its pairs
  int64_t packed, gradient, interleaved, activated, weights, sums, bias, scratch, scratch_size,
      floats;

  BackwardPlan(const pw_conv &conv, int threads)
      : shape(conv),
        blocks(shape.images, shape.pixels,
               wanted_rows(shape.rows, shape.c_in + shape.c_out, 49152)),
        panels(ceil_div(shape.c_in, kPanel)),
        splits(least(least(kMostSplits, blocks.count()),
                     most(4, kMostPartialFloats / weight_floats()))),
        parts(few_rows_parts(runs(), panels)),
        depth(elements<E>(shape.c_out)),
        stride(scratch_stride(depth)),
        interleaved_stride(scratch_stride(round_up(shape.c_out, kLanes))) {
    splits = least(splits, blocks.count());
    Carver carver;
    const bool few = shape.few_rows;
    packed = carver.take(few ? 0 : panels * depth * kPanel);
    gradient = carver.take(few ? shape.rows * stride : 0);
    interleaved = carver.take(few && kPairs ? elements<E>(shape.rows) * interleaved_stride : 0);
    activated = carver.take(few ? panels * elements<E>(shape.rows) * kPanel : 0);
    weights = carver.take(few ? 0 : splits * weight_floats());
    sums = carver.take((few ? parts : blocks.count()) * 3 * shape.c_in);
    bias = carver.take((few ? 1 : blocks.count()) * shape.c_out);
    Carver own;
    if (few) {
      own.take(product_rows() * kPanel);
      own.take(kPanel * kMaxDepth);
    } else {
      own.take(kPanel * blocks.most_rows());
      own.take(kPanel * elements<E>(blocks.most_rows()));
      own.take(blocks.most_rows() * stride);
      own.take(kPairs ? elements<E>(blocks.most_rows()) * interleaved_stride : 0);
    }
    scratch_size = own.floats;
    scratch = carver.take(scratch_size * threads);
    floats = carver.floats;
  }

  int64_t weight_floats() const { return panels * shape.c_out * kPanel; }
  // Few rows are cut between images, and between pairs of rows: in runs of an even number of rows.
  int64_t run_images() const { return kPairs && shape.pixels % 2 == 1 ? 2 : 1; }
  int64_t runs() const { return ceil_div(shape.images, run_images()); }
  int64_t part_first_row(int64_t part) const {
    return least(shape.images, part_begin(runs(), parts, part) * run_images()) * shape.pixels;
  }
  // The most rows of a part.
  int64_t product_rows() const { return ceil_div(runs(), parts) * run_images() * shape.pixels; }
  int64_t split_begin(int64_t split) const { return part_begin(blocks.count(), splits, split); }
};

template <class E>
struct Backward {
  const pw_conv &conv;
  const BackwardPlan<E> plan;
  const pw_view &x;
  const float *weight;
  const pw_gradient &dy;
  const pw_input_gradient &dx;
  float *dweight, *dbias, *workspace;

  E *matrix(int64_t offset) const { return reinterpret_cast<E *>(workspace + offset); }
  float *scratch(int worker) const { return workspace + plan.scratch + worker * plan.scratch_size; }
  // Where T(x) of a panel's rows from `first` on is kept, few rows.
  E *activated(int64_t panel, int64_t first) const {
    return matrix(plan.activated) +
           (panel * elements<E>(plan.shape.rows) + elements<E>(first)) * kPanel;
  }

  // G as the second product reads it: [elements of rows][c_out].
  void interleave_gradient(E *to, const E *g, int64_t rows) const {
    if constexpr (BackwardPlan<E>::kPairs) {
      interleave_rows(to, plan.interleaved_stride, g, plan.stride, rows,
                      round_up(plan.shape.c_out, kLanes));
    }
  }
  // T(x) of a panel likewise, where it lies.
  static void interleave_activated(E *panel, int64_t rows) {
    if constexpr (BackwardPlan<E>::kPairs) {
      interleave_rows(panel, kPanel, panel, kPanel / 2, rows, kPanel);
    }
  }

  // dx of some rows and a panel. `first` is the start of an image unless the rows are part of one.
  // `slot`: of the partial sums, of which those of whole images have no need.
  void patches(int64_t first, int64_t rows, int64_t panel, int64_t slot, const float *product,
               E *activated) const {
    const PointwiseShape &s = plan.shape;
    const int64_t column = panel * kPanel;
    Number<E> *const numbers = reinterpret_cast<Number<E> *>(activated);
    Patch p{&x,     dx.addend, dx.dx,   first,   rows,    first / s.pixels,
            column, s.c_in,    product, numbers, nullptr, s.c_in};
    if (conv.transform != PW_BN_SILU_GATE || rows < s.pixels) {
      p.sums = workspace + plan.sums + slot * 3 * s.c_in + column;
      input_gradient<Number<E>>(conv, p);
      return;
    }
    p.rows = s.pixels;
    p.sums_stride = s.images * s.c_in;
    for (int64_t r = 0; r < rows; r += s.pixels) {
      p.first = first + r;
      p.image = p.first / s.pixels;
      p.product = product + r * kPanel;
      p.activated = activated != nullptr ? numbers + r * kPanel : nullptr;
      p.sums = dx.sums + p.image * s.c_in + column;
      input_gradient<Number<E>>(conv, p);
    }
  }

  // ---- many rows ----

  void column_sums(const E *g, int64_t rows, float *to) const {
    const int64_t n = plan.shape.c_out;
    constexpr int64_t kNumbers = ElementOf<E>::kNumbers;
    const Number<E> *const numbers = reinterpret_cast<const Number<E> *>(g);
    for (int64_t c = 0; c < n; c += kLanes) {
      const int count = static_cast<int>(least(kLanes, n - c));
      vf sum{};
      for (int64_t r = 0; r < rows; ++r) sum += load(numbers + r * plan.stride * kNumbers + c);
      store_n(to + c, sum, count);
    }
  }

  void block(int64_t index, int64_t split, int worker) const {
    const PointwiseShape &s = plan.shape;
    const int64_t first = plan.blocks.first(index), rows = plan.blocks.rows(index);
    float *const product = scratch(worker);
    const int64_t most_rows = plan.blocks.most_rows();
    E *const activated = reinterpret_cast<E *>(product + round_up(kPanel * most_rows, 16));
    E *const g = activated + round_up(kPanel * elements<E>(most_rows), 16);
    const bool wants_dx = dx.dx != nullptr;
    gradient_rows(conv, g, plan.stride, dy, s.pixels, first, rows);
    E *const pairs = g + round_up(most_rows * plan.stride, 16);
    interleave_gradient(pairs, g, rows);
    const E *const columns = plan.kPairs ? pairs : g;
    const int64_t column_stride = plan.kPairs ? plan.interleaved_stride : plan.stride;
    if (dbias != nullptr) column_sums(g, rows, workspace + plan.bias + index * s.c_out);
    if (!wants_dx && dweight == nullptr) return;
    for (int64_t panel = 0; panel < plan.panels; ++panel) {
      const int vectors = panel_vectors(s.c_in - panel * kPanel);
      if (wants_dx) {
        deep_panel_product<false>(rows, plan.depth, g, plan.stride,
                                  matrix(plan.packed) + panel * plan.depth * kPanel, vectors,
                                  product, kPanel, false);
        patches(first, rows, panel, index, product, dweight != nullptr ? activated : nullptr);
      } else {
        activate_panel(conv, x, s.pixels, first, rows, panel * kPanel,
                       reinterpret_cast<Number<E> *>(activated));
      }
      if (dweight == nullptr) continue;
      interleave_activated(activated, rows);
      float *const partial =
          workspace + plan.weights + split * plan.weight_floats() + panel * s.c_out * kPanel;
      deep_panel_product<true>(s.c_out, elements<E>(rows), columns, column_stride, activated,
                               vectors, partial, kPanel, index > plan.split_begin(split));
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
          pack_rows(matrix(plan.packed) + p * plan.depth * kPanel, weight + p * kPanel, s.c_in,
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
    const int64_t together = round_up(ceil_div(8192, s.c_out), 2);  // rows worth a task
    const int64_t row_tasks = ceil_div(s.rows, together);
    const bool activate = dx.dx == nullptr && dweight != nullptr;
    parallel(pool, row_tasks + (activate ? plan.panels : 0), [&](int64_t task, int) {
      if (task >= row_tasks) {
        const int64_t panel = task - row_tasks;
        activate_panel(conv, x, s.pixels, 0, s.rows, panel * kPanel,
                       reinterpret_cast<Number<E> *>(activated(panel, 0)));
        interleave_activated(activated(panel, 0), s.rows);
        return;
      }
      const int64_t first = task * together, rows = least(together, s.rows - first);
      E *const g = matrix(plan.gradient) + first * plan.stride;
      gradient_rows(conv, g, plan.stride, dy, s.pixels, first, rows);
      if (dweight != nullptr) {
        interleave_gradient(matrix(plan.interleaved) + elements<E>(first) * plan.interleaved_stride,
                            g, rows);
      }
    });
  }

  void input_task(int64_t panel, int64_t part, int worker) const {
    const PointwiseShape &s = plan.shape;
    const int64_t first = plan.part_first_row(part), rows = plan.part_first_row(part + 1) - first;
    float *const product = scratch(worker);
    E *const packed = reinterpret_cast<E *>(product + round_up(plan.product_rows() * kPanel, 16));
    const int64_t column = panel * kPanel, columns = s.c_in - column;
    const int64_t step = depth_step(plan.depth);
    for (int64_t d = 0; d < plan.depth; d += step) {
      const int64_t depth = least(step, plan.depth - d);
      const int64_t n = d * ElementOf<E>::kNumbers;
      pack_rows(packed, weight + n * s.c_in + column, s.c_in,
                least(depth * ElementOf<E>::kNumbers, s.c_out - n), columns);
      panel_product<false>(rows, depth, matrix(plan.gradient) + first * plan.stride + d,
                           plan.stride, packed, panel_vectors(columns), product, kPanel, d > 0);
    }
    patches(first, rows, panel, part, product,
            dweight != nullptr ? activated(panel, first) : nullptr);
    if (dweight != nullptr) interleave_activated(activated(panel, first), rows);
  }

  // dW of some output channels and a panel of input channels.
  void weight_task(int64_t panel, int64_t begin, int64_t end) const {
    const PointwiseShape &s = plan.shape;
    const int64_t column = panel * kPanel, columns = least(kPanel, s.c_in - column);
    const int vectors = panel_vectors(columns);
    const E *const g = matrix(plan.kPairs ? plan.interleaved : plan.gradient) + begin;
    const int64_t stride = plan.kPairs ? plan.interleaved_stride : plan.stride;
    const E *const t = activated(panel, 0);
    const int64_t depth = elements<E>(s.rows);
    const bool add = conv.accumulate != 0;
    if (columns == vectors * kLanes) {
      deep_panel_product<true>(end - begin, depth, g, stride, t, vectors,
                               dweight + begin * s.c_in + column, s.c_in, add);
      return;
    }
    // The last panel's vectors reach beyond the rows of dW.
    float rows[kWeightRows * kPanel];
    deep_panel_product<true>(end - begin, depth, g, stride, t, vectors, rows, kPanel, false);
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
      column_sums(matrix(plan.gradient), s.rows, workspace + plan.bias);
      sum_parts(workspace + plan.bias, 1, s.c_out, dbias, 0, s.c_out, conv.accumulate != 0);
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
  int64_t bytes = 0;
  dispatch_element(conv, [&](auto *element) {
    using E = std::remove_pointer_t<decltype(element)>;
    bytes = BackwardPlan<E>(conv, threads).floats * 4;
  });
  return bytes;
}

void pointwise_backward(Pool &pool, const pw_conv &conv, const pw_view &x, const float *weight,
                        const pw_gradient &dy, const pw_input_gradient &dx, float *dweight,
                        float *dbias, void *workspace) {
  dispatch_element(conv, [&](auto *element) {
    using E = std::remove_pointer_t<decltype(element)>;
    const Backward<E> call{conv,  BackwardPlan<E>(conv, pool.threads()), x, weight, dy, dx, dweight,
                           dbias, static_cast<float *>(workspace)};
    if (call.plan.shape.few_rows) {
      call.few_rows(pool);
    } else {
      call.many_rows(pool);
    }
  });
}

}  // namespace pw::PW_ISA
