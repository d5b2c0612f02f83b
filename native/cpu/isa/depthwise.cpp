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

// A channel vector of a task's block, as a patch without rows; count <= 0: beyond the last channel.
PlanePatch patch_of(const DepthwisePlan &p, bool fine, int64_t n, int64_t block, int64_t v) {
  PlanePatch patch{};
  patch.n = n;
  patch.h = fine ? p.fine_h : p.coarse_h;
  patch.w = fine ? p.fine_w : p.coarse_w;
  patch.channels = p.channels;
  patch.c = (block * p.vectors + v) * kLanes;
  patch.count = static_cast<int>(least(kLanes, p.channels - patch.c));
  patch.vector = v;
  return patch;
}

// The walk over what lies behind row `row` of a tensor, for a sweep that ends there.
Ahead ahead_of(const DepthwisePlan &p, bool fine, int64_t n, int64_t block, int64_t row) {
  const PlanePatch patch = patch_of(p, fine, n, block, 0);
  const int64_t all_vectors = ceil_div(p.channels, kLanes);
  Ahead ahead{};
  ahead.at = patch.offset(row) * p.storage_bytes;
  ahead.pitch = p.channels * p.storage_bytes;
  ahead.run = least(p.vectors, all_vectors - block * p.vectors) * kLanes * p.storage_bytes;
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
  const int64_t at_once = line_rows(p.transposed ? p.fine_w : p.coarse_w);
  int64_t filled = 0;
  for (int64_t at = 0; at < p.coarse_h; at += p.rows) {
    const RowBatch batch = row_batch(p, at);
    const int64_t needed = p.transposed ? batch.coarse_needed : batch.fine_needed;
    const int64_t from = p.transposed ? batch.fine_from : batch.coarse_from;
    const int64_t to = p.transposed ? batch.fine_to : batch.coarse_to;
    RowSources sources[kMostRows];
    for (int64_t r = from; r < to; ++r) {
      sources[r - from] =
          p.transposed ? scatter_sources(p, in, r) : gather_sources(p, in, p.fine_h, r);
    }
    Ahead next_x = ahead_of(p, !p.transposed, n, block, needed);
    Ahead next_y = ahead_of(p, p.transposed, n, block, to);
    for (int64_t v = 0; v < p.vectors; ++v) {
      PlanePatch patch = patch_of(p, !p.transposed, n, block, v);
      if (patch.count <= 0) break;
      patch.from = filled;
      patch.to = needed;
      fill(patch, x, in, {}, {}, next_x);
      patch = patch_of(p, p.transposed, n, block, v);
      for (int64_t r = from; r < to; r = patch.to) {
        patch.from = r;
        patch.to = least(to, r + at_once);
        for (int64_t i = r; i < patch.to; ++i) {
          conv_row(rows, sources[i - from], in.of(v), weights + v * p.taps() * kLanes,
                   line + (i - r) * patch.w * kLanes);
        }
        put(patch, line, y, stats == nullptr ? nullptr : moments + v, next_y);
      }
    }
    filled = needed;
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
  void data_rows(PlanePatch patch, int64_t from, int64_t to, const RowSources *sources, Work &work,
                 Ahead &next) const;
  void image_sums(int64_t n, int64_t block, Work &work) const;
  void finish(int64_t block) const;
};

// Rows [from, to) of dx.
void Backward::data_rows(PlanePatch patch, int64_t from, int64_t to, const RowSources *sources,
                         Work &work, Ahead &next) const {
  const DepthwisePlan &p = plan;
  const int64_t v = patch.vector;
  const int64_t at_once = line_rows(patch.w);
  const vf mean =
      conv.transform == PW_NONE ? vf{} : load_n(x.bn + 2 * p.channels + patch.c, patch.count);
  for (int64_t r = from; r < to; r = patch.to) {
    patch.from = r;
    patch.to = least(to, r + at_once);
    for (int64_t i = r; i < patch.to; ++i) {
      conv_row(rows, sources[i - from], work.out.of(v), work.weights + v * p.taps() * kLanes,
               work.line + (i - r) * patch.w * kLanes);
    }
    put(patch, work.line, x, dx, work.derivatives, work.activations, mean, work.sums[v], next);
  }
}

void Backward::image(int64_t n, int64_t block, Work &work) const {
  const DepthwisePlan &p = plan;
  const Lines &fine = p.transposed ? work.out : work.in;
  const Lines &coarse = p.transposed ? work.in : work.out;
  int64_t fine_filled = 0;
  int64_t coarse_filled = 0;
  for (int64_t at = 0; at < p.coarse_h; at += p.rows) {
    const RowBatch batch = row_batch(p, at);
    const int64_t from = p.transposed ? batch.coarse_from : batch.fine_from;
    const int64_t to = p.transposed ? batch.coarse_to : batch.fine_to;
    RowSources sources[kMostRows];
    for (int64_t r = from; r < to; ++r) {
      sources[r - from] = p.stride == 1 || p.transposed
                              ? gather_sources(p, work.out, p.transposed ? p.fine_h : p.coarse_h, r)
                              : scatter_sources(p, work.out, r);
    }
    RowPairs pairs[kMostKernel];
    for (int64_t k = 0; k < p.kernel; ++k) {
      pairs[k] = weight_pairs(p, coarse, fine, batch.coarse_from, batch.coarse_to, k);
    }
    Ahead next_fine = ahead_of(p, true, n, block, batch.fine_needed);
    Ahead next_coarse = ahead_of(p, false, n, block, batch.coarse_needed);
    Ahead next_dx = ahead_of(p, !p.transposed, n, block, to);
    for (int64_t v = 0; v < p.vectors; ++v) {
      PlanePatch fine_patch = patch_of(p, true, n, block, v);
      if (fine_patch.count <= 0) break;
      PlanePatch coarse_patch = patch_of(p, false, n, block, v);
      fine_patch.from = fine_filled;
      fine_patch.to = batch.fine_needed;
      coarse_patch.from = coarse_filled;
      coarse_patch.to = batch.coarse_needed;
      fill_x(p.transposed ? coarse_patch : fine_patch, x, work.in, work.derivatives,
             work.activations, p.transposed ? next_coarse : next_fine);
      fill_dy(p.transposed ? fine_patch : coarse_patch, dy, work.out,
              p.transposed ? next_fine : next_coarse);
      if (dx.dx != nullptr) {
        data_rows(p.transposed ? coarse_patch : fine_patch, from, to, sources, work, next_dx);
      }
      if (dweight == nullptr) continue;
      for (int64_t k = 0; k < p.kernel; ++k) {
        weight_rows(pairs[k], coarse.of(v), fine.of(v), p.coarse_w,
                    work.dweights + (v * p.taps() + k * p.kernel) * kLanes);
      }
    }
    fine_filled = batch.fine_needed;
    coarse_filled = batch.coarse_needed;
  }
}

// The sums of one image, for a gated input.
void Backward::image_sums(int64_t n, int64_t block, Work &work) const {
  const DepthwisePlan &p = plan;
  for (int64_t v = 0; v < p.vectors; ++v) {
    const PlanePatch patch = patch_of(p, true, n, block, v);
    if (patch.count <= 0) break;
    const vf rstd = load_n(x.bn + 3 * p.channels + patch.c, patch.count);
    work.sums[v].sum[2] *= rstd;
    for (int64_t i = 0; i < 3; ++i) {
      store_n(dx.sums + (i * p.n + n) * p.channels + patch.c, work.sums[v].sum[i], patch.count);
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
  for (int64_t v = 0; v < p.vectors; ++v) {
    const int64_t c = (block * p.vectors + v) * kLanes;
    const int count = static_cast<int>(least(kLanes, p.channels - c));
    if (count <= 0) break;
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
