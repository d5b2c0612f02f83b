// Depthwise convolutions, 3 x 3 and 5 x 5, stride 1 and 2 and transposed. A task takes the planes
// of a block of channels of a few images: rows are activated once into a ring of padded lines, and
// everything that a row takes part in is made while it is in cache.

#include "depthwise_plan.h"
#include "kernels.h"
#include "rows.h"
#include "tasks.h"

namespace pw::PW_ISA {
namespace {

constexpr int64_t kWeightFloats = kMostVectors * kMostTaps * kLanes;

// An image's planes of a block of channels on the fine or the coarse grid, without rows yet.
PlanePatch patch_of(const DepthwisePlan &p, bool fine, int64_t n, int64_t block) {
  PlanePatch patch{};
  patch.n = n;
  patch.h = fine ? p.fine_h : p.coarse_h;
  patch.w = fine ? p.fine_w : p.coarse_w;
  patch.channels = p.channels;
  patch.take(block * p.vectors * kLanes, 0);
  return patch;
}

// The walk over what lies behind row `row` of a tensor, for sweeps of a block that end there.
Ahead ahead_of(const DepthwisePlan &p, const PlanePatch &patch, int64_t block, int64_t row) {
  Ahead ahead{};
  ahead.at = patch.offset(row) * p.storage_bytes;
  ahead.pitch = p.channels * p.storage_bytes;
  ahead.run = p.vectors_of(block) * kLanes * p.storage_bytes;
  return ahead;
}

// 2 multiply-adds a cycle, and about 12 cycles for an activation.
int64_t estimated_cycles(const DepthwisePlan &p, int64_t sweeps) {
  const int64_t coarse = p.n * p.coarse_h * p.coarse_w * p.chunk;
  const int64_t fine = p.n * p.fine_h * p.fine_w * p.chunk;
  return sweeps * (coarse * p.taps() / 2 + (coarse + fine) * 6);
}

// ---- forward ----

struct Forward {
  DepthwisePlan plan;
  pw_view x;
  const float *weight;
  void *y;
  float *stats;
  float *groups;  // [group][vector][mean, m2][lane]
  float *workers;
  int64_t worker_floats;
  FillView fill;
  PutRows put;
  RowPlan rows;

  void task(int64_t index, int worker) const;
  void image(int64_t n, int64_t block, const Lines &in, float *line, const float *weights,
             Moments *moments) const;
  void finish(int64_t block) const;
};

void Forward::image(int64_t n, int64_t block, const Lines &in, float *line, const float *weights,
                    Moments *moments) const {
  const DepthwisePlan &p = plan;
  const int64_t first = block * p.vectors * kLanes;
  PlanePatch x_patch = patch_of(p, !p.transposed, n, block);
  PlanePatch y_patch = patch_of(p, p.transposed, n, block);
  const int64_t at_once = line_rows(y_patch.w);
  for (int64_t at = 0; at < p.coarse_h; at += p.rows) {
    const RowBatch batch = row_batch(p, at);
    const BatchRows &from = p.transposed ? batch.coarse : batch.fine;
    const BatchRows &to = p.transposed ? batch.fine : batch.coarse;
    RowSources sources[kMostRows];
    row_sources(p, p.transposed, in, x_patch.h, to.from, to.to, sources);
    x_patch.take(first, 0);
    y_patch.take(first, 0);
    Ahead next_x = ahead_of(p, x_patch, block, from.needed);
    Ahead next_y = ahead_of(p, y_patch, block, to.to);
    x_patch.from = x_patch.to;
    x_patch.to = from.needed;
    for (int64_t v = 0; v < p.vectors_of(block); ++v) {
      x_patch.take(first, v);
      y_patch.take(first, v);
      fill(x_patch, x, in, {}, {}, next_x);
      for (int64_t r = to.from; r < to.to; r = y_patch.to) {
        y_patch.from = r;
        y_patch.to = least(to.to, r + at_once);
        for (int64_t i = r; i < y_patch.to; ++i) {
          conv_row(rows, sources[i - to.from], in.of(v), weights + v * p.taps() * kLanes,
                   line + (i - r) * y_patch.w * kLanes);
        }
        put(y_patch, line, y, stats == nullptr ? nullptr : moments + v, next_y);
      }
    }
  }
}

void Forward::task(int64_t index, int worker) const {
  const DepthwisePlan &p = plan;
  const int64_t group = index / p.blocks;
  const int64_t block = index % p.blocks;
  Lines in = p.transposed ? p.coarse : p.fine;
  in.data = workers + worker * worker_floats;
  float *line = in.data + in.floats(p.vectors);
  in.clear_padding(p.vectors, p.transposed ? p.coarse_w : p.fine_w);
  alignas(64) float weights[kWeightFloats];
  spread_weights(p, weight, block, false, weights);
  Moments moments[kMostVectors];
  const int64_t last = least(p.n, (group + 1) * p.images);
  for (int64_t n = group * p.images; n < last; ++n) image(n, block, in, line, weights, moments);
  if (stats == nullptr) return;
  float *to = groups + (group * p.chunk + block * p.vectors) * 2 * kLanes;
  for (int64_t v = 0; v < p.vectors; ++v, to += 2 * kLanes) {
    moments[v].merge();
    store(to, moments[v].mean);
    store(to + kLanes, moments[v].m2);
  }
  if (p.groups == 1) finish(block);
}

void Forward::finish(int64_t block) const {
  const DepthwisePlan &p = plan;
  const int64_t from = block * p.vectors * kLanes;
  const int64_t to = least(p.channels, from + p.vectors * kLanes);
  const double plane =
      static_cast<double>(p.transposed ? p.fine_h * p.fine_w : p.coarse_h * p.coarse_w);
  for (int64_t c = from; c < to; ++c) {
    MergedMoments merged;
    for (int64_t g = 0; g < p.groups; ++g) {
      const float *part = groups + (g * p.chunk + c / kLanes) * 2 * kLanes + c % kLanes;
      const int64_t images = least(p.n, (g + 1) * p.images) - g * p.images;
      merged.add(plane * static_cast<double>(images), static_cast<double>(part[0]),
                 static_cast<double>(part[kLanes]));
    }
    stats[c] = static_cast<float>(merged.mean);
    stats[p.channels + c] = static_cast<float>(merged.m2 / merged.count);
  }
}

// ---- backward ----

struct Backward {
  DepthwisePlan plan;
  pw_conv conv;
  pw_view x;
  const float *weight;
  pw_gradient dy;
  pw_input_gradient dx;
  float *dweight;
  float *groups;  // [group][vector][taps and two sums][lane]
  float *workers;
  int64_t worker_floats;
  FillView fill_x;
  FillGradient fill_dy;
  PutGradient put;
  RowPlan rows;
  WeightRows weight_rows;

  // What a worker holds: lines of the input, of dL/dy, of SiLU' and of the ungated activation.
  struct Work {
    Lines in, out, derivatives, activations;
    float *line;
    alignas(64) float weights[kWeightFloats];
    alignas(64) float dweights[kWeightFloats];
    GradientSums sums[kMostVectors];
  };
  void task(int64_t index, int worker) const;
  void image(int64_t n, int64_t block, Work &work) const;
  void data_rows(PlanePatch &patch, const BatchRows &made, const RowSources *sources, Work &work,
                 Ahead &next) const;
  void image_sums(int64_t n, int64_t block, Work &work) const;
  void finish(int64_t block) const;
};

// The rows of a vector of dx that are made in a batch.
void Backward::data_rows(PlanePatch &patch, const BatchRows &made, const RowSources *sources,
                         Work &work, Ahead &next) const {
  const DepthwisePlan &p = plan;
  const int64_t v = patch.vector;
  const int64_t at_once = line_rows(patch.w);
  const vf mean =
      conv.transform == PW_NONE ? vf{} : load_n(x.bn + 2 * p.channels + patch.c, patch.count);
  for (int64_t r = made.from; r < made.to; r = patch.to) {
    patch.from = r;
    patch.to = least(made.to, r + at_once);
    for (int64_t i = r; i < patch.to; ++i) {
      conv_row(rows, sources[i - made.from], work.out.of(v), work.weights + v * p.taps() * kLanes,
               work.line + (i - r) * patch.w * kLanes);
    }
    put(patch, work.line, x, dx, work.derivatives, work.activations, mean, work.sums[v], next);
  }
}

void Backward::image(int64_t n, int64_t block, Work &work) const {
  const DepthwisePlan &p = plan;
  const Lines &fine = p.transposed ? work.out : work.in;
  const Lines &coarse = p.transposed ? work.in : work.out;
  const int64_t first = block * p.vectors * kLanes;
  PlanePatch x_patch = patch_of(p, !p.transposed, n, block);
  PlanePatch dy_patch = patch_of(p, p.transposed, n, block);
  PlanePatch dx_patch = x_patch;
  for (int64_t at = 0; at < p.coarse_h; at += p.rows) {
    const RowBatch batch = row_batch(p, at);
    const BatchRows &in = p.transposed ? batch.coarse : batch.fine;
    const BatchRows &out = p.transposed ? batch.fine : batch.coarse;
    RowSources sources[kMostRows];
    row_sources(p, p.stride > 1 && !p.transposed, work.out, dy_patch.h, in.from, in.to, sources);
    RowPairs pairs[kMostKernel];
    for (int64_t k = 0; k < p.kernel; ++k) {
      weight_pairs(p, coarse, fine, batch.coarse.from, batch.coarse.to, k, pairs[k]);
    }
    x_patch.take(first, 0);
    dy_patch.take(first, 0);
    dx_patch.take(first, 0);
    Ahead next_x = ahead_of(p, x_patch, block, in.needed);
    Ahead next_dy = ahead_of(p, dy_patch, block, out.needed);
    Ahead next_dx = ahead_of(p, dx_patch, block, in.to);
    x_patch.from = x_patch.to;
    x_patch.to = in.needed;
    dy_patch.from = dy_patch.to;
    dy_patch.to = out.needed;
    for (int64_t v = 0; v < p.vectors_of(block); ++v) {
      x_patch.take(first, v);
      dy_patch.take(first, v);
      fill_x(x_patch, x, work.in, work.derivatives, work.activations, next_x);
      fill_dy(dy_patch, dy, work.out, next_dy);
      if (dx.dx != nullptr) {
        dx_patch.take(first, v);
        data_rows(dx_patch, in, sources, work, next_dx);
      }
      if (dweight == nullptr) continue;
      for (int64_t k = 0; k < p.kernel; ++k) {
        weight_rows(pairs[k], coarse.of(v), fine.of(v), p.coarse_w,
                    work.dweights + (v * p.taps() + k * p.kernel) * kLanes);
      }
    }
  }
}

// The sums of one image, for a gated input.
void Backward::image_sums(int64_t n, int64_t block, Work &work) const {
  const DepthwisePlan &p = plan;
  for (int64_t v = 0; v < p.vectors_of(block); ++v) {
    const int64_t c = (block * p.vectors + v) * kLanes;
    const int count = static_cast<int>(least(kLanes, p.channels - c));
    work.sums[v].sum[2] *= load_n(x.bn + 3 * p.channels + c, count);
    for (int64_t i = 0; i < 3; ++i) {
      store_n(dx.sums + (i * p.n + n) * p.channels + c, work.sums[v].sum[i], count);
    }
    work.sums[v] = {};
  }
}

void Backward::task(int64_t index, int worker) const {
  const DepthwisePlan &p = plan;
  const int64_t group = index / p.blocks;
  const int64_t block = index % p.blocks;
  Work work;
  float *memory = workers + worker * worker_floats;
  work.in = work.derivatives = work.activations = p.transposed ? p.coarse : p.fine;
  work.out = p.transposed ? p.fine : p.coarse;
  const auto take = [&](Lines &lines) {
    lines.data = memory;
    memory += lines.floats(p.vectors);
  };
  take(work.in);
  take(work.out);
  work.in.clear_padding(p.vectors, p.transposed ? p.coarse_w : p.fine_w);
  work.out.clear_padding(p.vectors, p.transposed ? p.fine_w : p.coarse_w);
  if (conv.transform != PW_NONE) take(work.derivatives);
  if (conv.transform == PW_BN_SILU_GATE) take(work.activations);
  work.line = memory;
  clear(work.dweights, p.vectors * p.taps() * kLanes);
  // With stride 1 dx comes from a gather of dL/dy through the turned kernel.
  spread_weights(p, weight, block, p.stride == 1, work.weights);

  const bool per_image = dx.dx != nullptr && conv.transform == PW_BN_SILU_GATE;
  const int64_t last = least(p.n, (group + 1) * p.images);
  for (int64_t n = group * p.images; n < last; ++n) {
    image(n, block, work);
    if (per_image) image_sums(n, block, work);
  }
  const int64_t taps = p.taps();
  float *to = groups + (group * p.chunk + block * p.vectors) * (taps + 2) * kLanes;
  for (int64_t v = 0; v < p.vectors; ++v, to += (taps + 2) * kLanes) {
    std::memcpy(to, work.dweights + v * taps * kLanes,
                static_cast<size_t>(taps * kLanes) * sizeof(float));
    store(to + taps * kLanes, work.sums[v].sum[0]);
    store(to + (taps + 1) * kLanes, work.sums[v].sum[1]);
  }
  if (p.groups == 1) finish(block);
}

void Backward::finish(int64_t block) const {
  const DepthwisePlan &p = plan;
  const int64_t taps = p.taps();
  const bool sums = dx.dx != nullptr && conv.transform == PW_BN_SILU;
  for (int64_t v = 0; v < p.vectors_of(block); ++v) {
    const int64_t c = (block * p.vectors + v) * kLanes;
    const int count = static_cast<int>(least(kLanes, p.channels - c));
    const int64_t floats = (taps + 2) * kLanes;
    alignas(64) float total[(kMostTaps + 2) * kLanes];
    add_up(groups + (block * p.vectors + v) * floats, p.groups, p.chunk * floats, floats, 1.0,
           total);
    if (dweight != nullptr) {
      alignas(64) float channels[kChannelFloats];
      vectors_to_weights(total, taps, channels);
      float *d = dweight + c * taps;
      for (int64_t i = 0; i < count * taps; ++i) {
        d[i] = conv.accumulate != 0 ? d[i] + channels[i] : channels[i];
      }
    }
    if (sums) {
      const vf rstd = load_n(x.bn + 3 * p.channels + c, count);
      store_n(dx.sums + c, load(total + taps * kLanes), count);
      store_n(dx.sums + p.channels + c, load(total + (taps + 1) * kLanes) * rstd, count);
    }
  }
}

// ---- table entries ----

int64_t workspace(int threads, const pw_conv &conv, int32_t pass) {
  const bool backward = pass == PW_BACKWARD;
  const DepthwisePlan plan = plan_depthwise(conv, backward);
  return 4 * (round_up(plan.groups * plan.group_floats(backward), 64) +
              threads * plan.worker_floats(backward, conv.transform));
}

void forward(Pool &pool, const pw_conv &conv, const pw_view &x, const float *weight, void *y,
             float *stats, void *memory) {
  Forward f{};
  f.plan = plan_depthwise(conv, false);
  f.x = x;
  f.weight = weight;
  f.y = y;
  f.stats = stats;
  f.groups = static_cast<float *>(memory);
  f.workers = f.groups + round_up(f.plan.groups * f.plan.group_floats(false), 64);
  f.worker_floats = f.plan.worker_floats(false, conv.transform);
  f.rows = plan_rows(f.plan, f.plan.transposed);
  dispatch_storage(conv.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    dispatch_transform(conv.transform,
                       [&](auto kind) { f.fill = fill_view<T, decltype(kind)::value, false>; });
    f.put = put_rows<T>;
  });
  const int64_t cycles = estimated_cycles(f.plan, 1);
  run_tasks(pool, f.plan.tasks(), cycles, [&](int64_t task, int worker) { f.task(task, worker); });
  if (stats != nullptr && f.plan.groups > 1) {
    run_tasks(pool, f.plan.blocks, f.plan.groups * f.plan.channels * 20,
              [&](int64_t block, int) { f.finish(block); });
  }
}

void backward(Pool &pool, const pw_conv &conv, const pw_view &x, const float *weight,
              const pw_gradient &dy, const pw_input_gradient &dx, float *dweight, void *memory) {
  Backward b{};
  b.plan = plan_depthwise(conv, true);
  b.conv = conv;
  b.x = x;
  b.weight = weight;
  b.dy = dy;
  b.dx = dx;
  b.dweight = dweight;
  b.groups = static_cast<float *>(memory);
  b.workers = b.groups + round_up(b.plan.groups * b.plan.group_floats(true), 64);
  b.worker_floats = b.plan.worker_floats(true, conv.transform);
  b.rows = plan_rows(b.plan, !b.plan.transposed);
  b.weight_rows = weight_rows_of(b.plan);
  dispatch_storage(conv.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    dispatch_transform(conv.transform, [&](auto kind) {
      b.fill_x = fill_view<T, decltype(kind)::value, true>;
      b.put = put_gradient<T, decltype(kind)::value>;
    });
    dispatch_gradient(conv.gradient,
                      [&](auto kind) { b.fill_dy = fill_gradient<T, decltype(kind)::value>; });
  });
  const int64_t cycles = estimated_cycles(b.plan, 2);
  run_tasks(pool, b.plan.tasks(), cycles, [&](int64_t task, int worker) { b.task(task, worker); });
  if (b.plan.groups > 1) {
    const int64_t merge_cycles = b.plan.groups * b.plan.channels * (b.plan.taps() + 2) * 4;
    run_tasks(pool, b.plan.blocks, merge_cycles, [&](int64_t block, int) { b.finish(block); });
  }
}

}  // namespace

void fill_depthwise(Kernels &k) {
  k.depthwise_workspace = workspace;
  k.depthwise_forward = forward;
  k.depthwise_backward = backward;
}

}  // namespace pw::PW_ISA
