// Dense convolutions with few channels on one side: the stem and the transposed heads. A task takes
// a band of rows of one image.

#include "dense_plan.h"
#include "kernels.h"
#include "tasks.h"

namespace pw::PW_ISA {
namespace {

PixelRow fine_pixels(const DensePlan &p, int64_t n, int64_t row) {
  return {n, p.fine_w, p.fine_c, p.fine_c, (n * p.fine_h + row) * p.fine_w * p.fine_c};
}
PixelRow coarse_pixels(const DensePlan &p, int64_t n, int64_t row) {
  return {n, p.coarse_w, p.coarse_c, p.coarse_step,
          (n * p.coarse_h + row) * p.coarse_w * p.coarse_c};
}

// Where column 0 of a row lies among the lines at `base`.
float *fine_row(const DensePlan &p, const DenseLines &lines, int64_t row, float *base) {
  return base == nullptr ? nullptr
                         : base + (row - lines.fine_first) * p.fine_row + p.pad * p.fine_c;
}
float *coarse_row(const DensePlan &p, const DenseLines &lines, int64_t row, float *base) {
  return base == nullptr ? nullptr : base + (row - lines.coarse_first) * p.coarse_row;
}

// Two multiply-adds a cycle, and about 12 cycles for an activation.
int64_t estimated_cycles(const DensePlan &p, int64_t sweeps) {
  const int64_t vectors = p.coarse_step / kLanes;
  const int64_t pixels = p.n * p.coarse_h * p.coarse_w;
  return sweeps * pixels * vectors * (p.kernel * p.window / 2 + 12);
}

// ---- forward ----

struct Forward {
  DensePlan plan;
  pw_view x;
  const float *gather, *scatter, *bias;
  void *y;
  float *stats;
  float *parts;  // [task][mean, m2][channel]
  float *workers;
  int64_t worker_floats;
  int32_t transform;
  FillViewPixels fill;
  PutPixels put;

  void task(int64_t index, int worker) const;
  void coarse_output(const DenseRows &rows, DenseLines &lines) const;
  void fine_output(const DenseRows &rows, DenseLines &lines) const;
  void add_moments(const PixelRow &row, const float *line, Moments *moments) const;
  void finish() const;
};

void Forward::add_moments(const PixelRow &row, const float *line, Moments *moments) const {
  if (stats == nullptr) return;
  for (int64_t v = 0; v < plan.out_vectors(); ++v)
    moments[v].add(line + v * kLanes, row.w, row.step);
}

void Forward::coarse_output(const DenseRows &rows, DenseLines &lines) const {
  const DensePlan &p = plan;
  lines.fine_first = rows.gather_from;
  clear(lines.fine, p.fine_rows * p.fine_row);
  for (int64_t r = rows.gather_from; r < rows.gather_to; ++r) {
    fill(fine_pixels(p, rows.n, r), x, fine_row(p, lines, r, lines.fine), nullptr, nullptr);
  }
  for (int64_t o = rows.coarse_from; o < rows.coarse_to; ++o) {
    gather_row(p, lines, o, gather);
    const PixelRow row = coarse_pixels(p, rows.n, o);
    for (int64_t c = 0; c < p.coarse_c && bias != nullptr; c += kLanes) {
      const vf b = load_n(bias + c, pixel_lanes(row, c));
      float *to = lines.line + c;
      for (int64_t col = 0; col < p.coarse_w; ++col, to += p.coarse_step) store(to, load(to) + b);
    }
    put(row, lines.line, y);
    add_moments(row, lines.line, lines.moments);
  }
}

void Forward::fine_output(const DenseRows &rows, DenseLines &lines) const {
  const DensePlan &p = plan;
  lines.coarse_first = rows.scatter_from;
  for (int64_t o = rows.scatter_from; o < rows.scatter_to; ++o) {
    fill(coarse_pixels(p, rows.n, o), x, coarse_row(p, lines, o, lines.coarse), nullptr, nullptr);
  }
  clear(lines.bias, p.fine_row);
  for (int64_t i = 0; i < p.columns * p.fine_c && bias != nullptr; ++i)
    lines.bias[i] = bias[i % p.fine_c];
  for (int64_t i = rows.fine_from; i < rows.fine_to; ++i) {
    std::memcpy(lines.line, lines.bias, static_cast<size_t>(p.fine_row) * sizeof(float));
    scatter_row(p, lines, i, scatter);
    const PixelRow row = fine_pixels(p, rows.n, i);
    put(row, lines.line + p.pad * p.fine_c, y);
    add_moments(row, lines.line + p.pad * p.fine_c, lines.moments);
  }
}

void Forward::task(int64_t index, int worker) const {
  const DensePlan &p = plan;
  const DenseRows rows = dense_rows(p, index);
  DenseLines lines(p, workers + worker * worker_floats, transform);
  for (int64_t v = 0; v < p.out_vectors(); ++v) lines.moments[v] = Moments{};
  if (p.transposed) {
    fine_output(rows, lines);
  } else {
    coarse_output(rows, lines);
  }
  if (stats == nullptr) return;
  float *part = parts + index * p.task_floats(false);
  for (int64_t v = 0; v < p.out_vectors(); ++v) {
    lines.moments[v].merge();
    store(part + v * kLanes, lines.moments[v].mean);
    store(part + DensePlan::channel_floats(p.out_c()) + v * kLanes, lines.moments[v].m2);
  }
}

void Forward::finish() const {
  const DensePlan &p = plan;
  for (int64_t c = 0; c < p.out_c(); ++c) {
    MergedMoments merged;
    for (int64_t t = 0; t < p.tasks(); ++t) {
      const DenseRows rows = dense_rows(p, t);
      const int64_t pixels = p.transposed ? (rows.fine_to - rows.fine_from) * p.fine_w
                                          : (rows.coarse_to - rows.coarse_from) * p.coarse_w;
      const float *part = parts + t * p.task_floats(false) + c;
      merged.add(static_cast<double>(pixels), static_cast<double>(part[0]),
                 static_cast<double>(part[DensePlan::channel_floats(p.out_c())]));
    }
    stats[c] = static_cast<float>(merged.mean);
    stats[p.out_c() + c] = static_cast<float>(merged.m2 / merged.count);
  }
}

// ---- backward ----

struct Backward {
  DensePlan plan;
  pw_conv conv;
  pw_view x;
  pw_gradient dy;
  pw_input_gradient dx;
  const float *gather, *scatter;
  float *dweight, *dbias;
  float *parts;  // [task][dweight, sums, dbias]
  float *workers;
  int64_t worker_floats;
  FillViewPixels fill_x;
  FillGradientPixels fill_dy;
  PutGradientPixels put;

  void task(int64_t index, int worker) const;
  void load_rows(const DenseRows &rows, DenseLines &lines) const;
  void data_rows(const DenseRows &rows, DenseLines &lines, int64_t o, float *part) const;
  void finish_weights(int64_t ky) const;
  void finish_sums() const;
};

void Backward::load_rows(const DenseRows &rows, DenseLines &lines) const {
  const DensePlan &p = plan;
  const bool wants_dx = dx.dx != nullptr;
  lines.fine_first = rows.gather_from;
  // Beside its own rows, a scatter to dx needs dL/dy of its neighbours'.
  const bool halo = wants_dx && !p.transposed;
  const int64_t from = halo ? rows.scatter_from : rows.coarse_from;
  const int64_t to = halo ? rows.scatter_to : rows.coarse_to;
  lines.coarse_first = from;
  clear(lines.fine, p.fine_rows * p.fine_row);
  // The own fine rows beyond those that the coarse ones meet count for dbias and for the input's
  // derivatives.
  const int64_t fine_to = most(rows.gather_to, rows.fine_to);
  for (int64_t r = rows.gather_from; r < fine_to; ++r) {
    const PixelRow row = fine_pixels(p, rows.n, r);
    float *value = fine_row(p, lines, r, lines.fine);
    if (p.transposed) {
      fill_dy(row, dy, value);
    } else {
      fill_x(row, x, value, fine_row(p, lines, r, lines.derivatives),
             fine_row(p, lines, r, lines.activations));
    }
  }
  for (int64_t o = from; o < to; ++o) {
    const PixelRow row = coarse_pixels(p, rows.n, o);
    float *value = coarse_row(p, lines, o, lines.coarse);
    if (p.transposed) {
      fill_x(row, x, value, coarse_row(p, lines, o, lines.derivatives),
             coarse_row(p, lines, o, lines.activations));
    } else {
      fill_dy(row, dy, value);
    }
  }
}

// The rows of dx that go with coarse row `o`.
void Backward::data_rows(const DenseRows &rows, DenseLines &lines, int64_t o, float *part) const {
  const DensePlan &p = plan;
  float *sums = part + p.sums_offset();
  if (p.transposed) {
    gather_row(p, lines, o, gather);
    put(coarse_pixels(p, rows.n, o), lines.line, x, dx, coarse_row(p, lines, o, lines.derivatives),
        coarse_row(p, lines, o, lines.activations), sums, p.sums_step());
    return;
  }
  const int64_t to = least((o + 1) * p.stride, p.fine_h);
  for (int64_t i = o * p.stride; i < to; ++i) {
    clear(lines.line, p.fine_row);
    scatter_row(p, lines, i, scatter);
    put(fine_pixels(p, rows.n, i), lines.line + p.pad * p.fine_c, x, dx,
        fine_row(p, lines, i, lines.derivatives), fine_row(p, lines, i, lines.activations), sums,
        p.sums_step());
  }
}

void Backward::task(int64_t index, int worker) const {
  const DensePlan &p = plan;
  const DenseRows rows = dense_rows(p, index);
  DenseLines lines(p, workers + worker * worker_floats, conv.transform);
  float *part = parts + index * p.task_floats(true);
  clear(part, p.task_floats(true));
  load_rows(rows, lines);
  for (int64_t o = rows.coarse_from; o < rows.coarse_to; ++o) {
    if (dx.dx != nullptr) data_rows(rows, lines, o, part);
    if (dweight != nullptr) {
      for (int64_t k = 0; k < p.kernel; ++k) {
        const int64_t r = o * p.stride + k - p.pad;
        if (r < 0 || r >= p.fine_h) continue;
        outer(lines.fine + (r - lines.fine_first) * p.fine_row, p.stride * p.fine_c, p.window,
              coarse_row(p, lines, o, lines.coarse), p.coarse_step, p.coarse_w,
              part + k * p.window * p.coarse_step);
      }
    }
    if (dbias == nullptr) continue;
    if (!p.transposed) {
      add_channel_sums(coarse_pixels(p, rows.n, o), coarse_row(p, lines, o, lines.coarse),
                       part + p.bias_offset());
      continue;
    }
    for (int64_t i = o * p.stride; i < (o + 1) * p.stride; ++i) {
      add_channel_sums(fine_pixels(p, rows.n, i), fine_row(p, lines, i, lines.fine),
                       part + p.bias_offset());
    }
  }
}

typedef double vd __attribute__((vector_size(kLanes * 8)));

// Row `ky` of the kernel, for all channels.
void Backward::finish_weights(int64_t ky) const {
  const DensePlan &p = plan;
  for (int64_t j = 0; j < p.window; ++j) {
    const int64_t kx = j / p.fine_c;
    const int64_t cf = j % p.fine_c;
    for (int64_t c = 0; c < p.coarse_c; c += kLanes) {
      const float *part = parts + (ky * p.window + j) * p.coarse_step + c;
      vd total{};
      for (int64_t t = 0; t < p.tasks(); ++t) {
        total += __builtin_convertvector(load(part + t * p.task_floats(true)), vd);
      }
      const int64_t last = least(kLanes, p.coarse_c - c);
      for (int64_t lane = 0; lane < last; ++lane) {
        float &d = dweight[(((c + lane) * p.fine_c + cf) * p.kernel + ky) * p.kernel + kx];
        d = static_cast<float>(total[lane] + (conv.accumulate != 0 ? static_cast<double>(d) : 0.0));
      }
    }
  }
}

void Backward::finish_sums() const {
  const DensePlan &p = plan;
  const auto total = [&](int64_t offset, int64_t from, int64_t to) {
    double sum = 0;
    for (int64_t t = from; t < to; ++t)
      sum += static_cast<double>(parts[t * p.task_floats(true) + offset]);
    return sum;
  };
  for (int64_t c = 0; c < p.out_c() && dbias != nullptr; ++c) {
    const double sum = total(p.bias_offset() + c, 0, p.tasks());
    dbias[c] =
        static_cast<float>(sum + (conv.accumulate != 0 ? static_cast<double>(dbias[c]) : 0.0));
  }
  if (dx.dx == nullptr || conv.transform == PW_NONE) return;
  const int64_t channels = p.in_c();
  const bool gated = conv.transform == PW_BN_SILU_GATE;
  const int64_t kinds = gated ? 3 : 2;
  const int64_t images = gated ? p.n : 1;
  const int64_t tasks = gated ? p.chunks : p.tasks();
  for (int64_t kind = 0; kind < kinds; ++kind) {
    for (int64_t i = 0; i < images; ++i) {
      for (int64_t c = 0; c < channels; ++c) {
        const double sum =
            total(p.sums_offset() + kind * p.sums_step() + c, i * tasks, (i + 1) * tasks);
        const double rstd = kind == kinds - 1 ? static_cast<double>(x.bn[3 * channels + c]) : 1.0;
        dx.sums[(kind * images + i) * channels + c] = static_cast<float>(sum * rstd);
      }
    }
  }
}

// ---- table entries ----

int64_t workspace(int threads, const pw_conv &conv, int32_t pass) {
  const bool backward = pass == PW_BACKWARD;
  const DensePlan p = plan_dense(conv);
  return 4 * (p.shared_floats() + round_up(p.tasks() * p.task_floats(backward), 64) +
              threads * p.worker_floats(backward, conv.transform));
}

void forward(Pool &pool, const pw_conv &conv, const pw_view &x, const float *weight,
             const float *bias, void *y, float *stats, void *memory) {
  Forward f{};
  f.plan = plan_dense(conv);
  const DensePlan &p = f.plan;
  f.x = x;
  f.bias = bias;
  f.y = y;
  f.stats = stats;
  f.transform = conv.transform;
  float *gather = static_cast<float *>(memory);
  float *scatter = gather + p.weight_floats();
  spread_dense_weights(p, weight, gather, scatter);
  f.gather = gather;
  f.scatter = scatter;
  f.parts = gather + p.shared_floats();
  f.workers = f.parts + round_up(p.tasks() * p.task_floats(false), 64);
  f.worker_floats = p.worker_floats(false, conv.transform);
  dispatch_storage(conv.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    dispatch_transform(conv.transform, [&](auto kind) {
      f.fill = fill_view_pixels<T, decltype(kind)::value, false>;
    });
    f.put = put_pixels<T>;
  });
  run_tasks(pool, p.tasks(), estimated_cycles(p, 1),
            [&](int64_t task, int worker) { f.task(task, worker); });
  if (stats != nullptr) f.finish();
}

void backward(Pool &pool, const pw_conv &conv, const pw_view &x, const float *weight,
              const pw_gradient &dy, const pw_input_gradient &dx, float *dweight, float *dbias,
              void *memory) {
  Backward b{};
  b.plan = plan_dense(conv);
  const DensePlan &p = b.plan;
  b.conv = conv;
  b.x = x;
  b.dy = dy;
  b.dx = dx;
  b.dweight = dweight;
  b.dbias = dbias;
  float *gather = static_cast<float *>(memory);
  float *scatter = gather + p.weight_floats();
  spread_dense_weights(p, weight, gather, scatter);
  b.gather = gather;
  b.scatter = scatter;
  b.parts = gather + p.shared_floats();
  b.workers = b.parts + round_up(p.tasks() * p.task_floats(true), 64);
  b.worker_floats = p.worker_floats(true, conv.transform);
  dispatch_storage(conv.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    dispatch_transform(conv.transform, [&](auto kind) {
      b.fill_x = fill_view_pixels<T, decltype(kind)::value, true>;
      b.put = put_gradient_pixels<T, decltype(kind)::value>;
    });
    dispatch_gradient(conv.gradient, [&](auto kind) {
      b.fill_dy = fill_gradient_pixels<T, decltype(kind)::value>;
    });
  });
  run_tasks(pool, p.tasks(), estimated_cycles(p, 2),
            [&](int64_t task, int worker) { b.task(task, worker); });
  if (dweight != nullptr) {
    const int64_t cycles = p.tasks() * p.weight_floats() / kLanes * 4;
    run_tasks(pool, p.kernel, cycles, [&](int64_t ky, int) { b.finish_weights(ky); });
  }
  b.finish_sums();
}

}  // namespace

void fill_dense(Kernels &k) {
  k.dense_workspace = workspace;
  k.dense_forward = forward;
  k.dense_backward = backward;
}

}  // namespace pw::PW_ISA
