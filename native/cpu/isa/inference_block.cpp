// Inverted residual blocks of the inference path. The expansion is made, a panel of channels at a
// time, into padded planes that stay in cache, and convolved from there; only the result of the
// depthwise convolution is written out, into scratch, as its mean must be known before the
// projection.
#include "inference_plane.h"
#include "inference_pointwise.h"

namespace pw::PW_ISA {
namespace {

// ---- expansion and depthwise convolution ----

struct ExpandPlan {
  int64_t n, h, w, c_in, channels, kernel, stride, pad;
  int64_t out_h, out_w, units;
  int64_t plane_h, plane_w;  // with padding
  int64_t together;          // images whose planes are made at a time
  int64_t groups, parts;     // tasks: of images, of panels

  ExpandPlan(const pw_block &d, bool alone)
      : n(d.n),
        h(d.h),
        w(d.w),
        c_in(d.c_in),
        channels(d.expanded),
        kernel(d.kernel),
        stride(d.stride),
        pad((d.kernel - 1) / 2),
        out_h(ceil_div(d.h, d.stride)),
        out_w(ceil_div(d.w, d.stride)),
        units(units_of(d.expanded)),
        plane_h(most(h + pad, (out_h - 1) * stride + kernel)),
        plane_w(most(w + pad, (out_w - 1) * stride + kernel)) {
    // Small images share tiles.
    together = least(n, ceil_div(4 * kMostTileRows, h * w));
    // Inputs of a task stay in the second-level cache while its panels pass by.
    groups = ceil_div(n, most(together, 49152 / (h * w * c_in)));
    parts = alone ? 1 : least(panels_of(units), ceil_div(16, groups));
  }

  int64_t plane() const { return plane_h * plane_w * kUnit; }
  int64_t planes() const { return together * kMostTileUnits * plane(); }
  int64_t cycles() const {
    return n * units * kUnitVectors *
           (h * w * (c_in + 16) + out_h * out_w * (kernel * kernel + 16));
  }
};

template <class T>
struct Expand {
  const ExpandPlan p;
  const PlaneRow row;
  const T *x;
  const Packed expand, depthwise;
  const Sites sites;
  T *y, *mean;

  // `scratch`: `own` bytes for each worker, at least planes() floats.
  void run(const Team &team, char *scratch, int64_t own) const {
    team.run(p.groups * p.parts, p.cycles(), [&](int64_t index, int worker) {
      task(index, reinterpret_cast<float *>(scratch + worker * own));
    });
  }

 private:
  // Expanded inputs of the images into planes [image][unit][row][column].
  void expand_planes(int64_t image, int64_t images, int64_t unit, int units, float *planes) const {
    const int64_t pixels = p.h * p.w;
    const auto inputs = TileInputs<T>::matrix(x + image * pixels * p.c_in, p.c_in);
    float *const inside = planes + (p.pad * p.plane_w + p.pad) * kUnit;
    // Where the next row of the product goes: pixel after pixel, row after row, image after image.
    float *at = inside;
    int64_t column = 0, row = 0;
    for_tiles(images * pixels, [&](int64_t first, int rows) {
      Tile tile;
      tile.compute(rows, units, inputs.from(first), expand, unit, PW_SILU);
      for (int r = 0; r < rows; ++r) {
        for (int u = 0; u < units; ++u) {
#pragma GCC unroll 2
          for (int v = 0; v < kUnit; v += kLanes) {
            store(at + u * p.plane() + v, load(tile.sums + (r * units + u) * kUnit + v));
          }
        }
        at += kUnit;
        if (++column < p.w) continue;
        column = 0;
        at += (p.plane_w - p.w) * kUnit;
        if (++row < p.h) continue;
        row = 0;
        at += kMostTileUnits * p.plane() - p.h * p.plane_w * kUnit;
      }
    });
  }

  // The inputs themselves.
  void copy_planes(int64_t image, int64_t images, int64_t unit, int units, float *planes) const {
    for (int64_t i = 0; i < images; ++i) {
      for (int v = 0; v < units * kUnitVectors; ++v) {
        const int64_t channel = unit * kUnit + v * kLanes;
        if (channel >= p.channels) break;
        const int count = static_cast<int>(least(kLanes, p.channels - channel));
        for (int64_t r = 0; r < p.h; ++r) {
          const T *from = x + ((image + i) * p.h + r) * p.w * p.channels + channel;
          float *to = plane_of(planes, i, v) + ((r + p.pad) * p.plane_w + p.pad) * kUnit;
          for (int64_t c = 0; c < p.w; ++c) {
            store(to + c * kUnit, load_n(from + c * p.channels, count));
          }
        }
      }
    }
  }

  // A vector of channels within the planes of an image.
  PW_INLINE float *plane_of(float *planes, int64_t image, int v) const {
    return planes + (image * kMostTileUnits + v / kUnitVectors) * p.plane() +
           v % kUnitVectors * kLanes;
  }

  // One vector of channels of one image; its weights are those of a panel of `width` channels.
  void convolve(int64_t image, int64_t channel, const float *plane, const float *weights,
                int64_t width) const {
    PlaneTile tile{};
    tile.pitch = p.plane_w * kUnit;
    tile.weight_step = width;
    tile.bias = load(weights);
    const int count = static_cast<int>(least(kLanes, p.channels - channel));
    vf total{};
    for (int64_t r = 0; r < p.out_h; ++r) {
      const int64_t from = most(0, p.pad - r * p.stride);
      const int64_t to = least(p.kernel, p.h + p.pad - r * p.stride);
      tile.rows = static_cast<int>(to - from);
      tile.in = plane + (r * p.stride + from) * tile.pitch;
      tile.weights = weights + (1 + from * p.kernel) * width;
      T *const out = y + (image * p.out_h + r) * p.out_w * p.channels + channel;
      total += plane_row(row, p.stride, tile, out, p.channels, count,
                         sites.from((image * p.out_h + r) * p.out_w));
    }
    const double divisor = sites.divisor(image, p.out_h * p.out_w);
    store_n(mean + image * p.channels + channel, total * (1.0f / static_cast<float>(divisor)),
            count);
  }

  void task(int64_t index, float *planes) const {
    const int64_t group = index / p.parts, part = index % p.parts, panels = panels_of(p.units);
    const int64_t first = part_start(p.n, p.groups, group);
    const int64_t last = part_start(p.n, p.groups, group + 1);
    // Padding stays zero, whatever is put inside.
    std::memset(planes, 0, static_cast<size_t>(p.planes()) * sizeof(float));
    for_panels(part_start(panels, p.parts, part), part_start(panels, p.parts, part + 1), p.units,
               [&](int64_t unit, int units) {
                 for (int64_t image = first; image < last; image += p.together) {
                   panel(image, least(p.together, last - image), unit, units, planes);
                 }
               });
  }

  void panel(int64_t image, int64_t images, int64_t unit, int units, float *planes) const {
    if (expand.data != nullptr) {
      expand_planes(image, images, unit, units, planes);
    } else {
      copy_planes(image, images, unit, units, planes);
    }
    for (int64_t i = 0; i < images; ++i) {
      for (int v = 0; v < units * kUnitVectors; ++v) {
        const int64_t channel = unit * kUnit + v * kLanes;
        if (channel >= p.channels) break;
        convolve(image + i, channel, plane_of(planes, i, v), depthwise.panel(unit) + v * kLanes,
                 units * kUnit);
      }
    }
  }
};

// ---- the block ----

pw_inference product_of(const pw_block &d, int64_t h, int64_t w, int32_t in, int32_t out,
                        int32_t activation) {
  return {d.n,      static_cast<int32_t>(h), static_cast<int32_t>(w), in, out, 1, 1, activation,
          d.storage};
}

// Where a pass over a block keeps what, in bytes.
template <class T>
struct BlockPlan {
  pw_block d;
  ExpandPlan expand;
  pw_inference squeeze, excite, project;
  int64_t activations, means, hidden, gates, shared;  // of all workers
  int64_t own;                                        // of each worker

  BlockPlan(const pw_block &d, bool alone)
      : d(d),
        expand(d, alone),
        squeeze(product_of(d, 1, 1, d.expanded, d.squeeze, PW_SILU)),
        excite(product_of(d, 1, 1, d.squeeze, d.expanded, PW_SIGMOID)),
        project(product_of(d, expand.out_h, expand.out_w, d.expanded, d.c_out, PW_LINEAR)) {
    int64_t bytes = 0;
    const auto take = [&](int64_t count) {
      const int64_t at = bytes;
      bytes += round_up(count * static_cast<int64_t>(sizeof(T)), 64);
      return at;
    };
    const int64_t n = d.n;
    activations = take(n * expand.out_h * expand.out_w * d.expanded);
    means = take(n * d.expanded);
    hidden = take(n * d.squeeze);
    gates = take(n * d.expanded);
    shared = bytes;
    own = most(expand.planes() * static_cast<int64_t>(sizeof(float)),
               PointwisePlan(project, false, alone).scratch_bytes<T>());
  }

  void run(const Team &team, const T *x, const Sites &sites, const pw_block_weights &w, T *y,
           char *shared, char *scratch) const {
    const auto at = [&](int64_t offset) { return reinterpret_cast<T *>(shared + offset); };
    T *const a = at(activations), *const mean = at(means);
    T *const inner = at(hidden), *const gate = at(gates);
    const Expand<T> job{expand,
                        PlaneRow::of(expand.out_w, d.kernel, d.stride),
                        x,
                        Packed(w.expand, ceil_div(d.c_in, kDepthStep<T>)),
                        Packed(w.depthwise, static_cast<int64_t>(d.kernel) * d.kernel),
                        sites,
                        a,
                        mean};
    job.run(team, scratch, own);
    pointwise_product<T>(team, squeeze, {mean, nullptr, w.squeeze, nullptr, inner, nullptr, {}},
                         scratch);
    pointwise_product<T>(team, excite, {inner, nullptr, w.excite, nullptr, gate, nullptr, {}},
                         scratch);
    const T *const addend = d.residual != 0 ? x : nullptr;
    pointwise_product<T>(team, project, {a, gate, w.project, addend, y, nullptr, {}}, scratch);
  }
};

// Whether each image is taken through the whole block by one worker, so that its activations stay
// in the second-level cache: where they are more than the weights, which then pass by once an
// image, and there are images enough for the threads.
bool by_images(const pw_block &d) {
  const int64_t out = ceil_div(d.h, d.stride) * ceil_div(d.w, d.stride);
  const int64_t weights = static_cast<int64_t>(d.expanded) * (d.c_in + 2 * d.squeeze + d.c_out);
  return d.n >= 4 && 2 * out * d.expanded > weights;
}

pw_block one_image(pw_block d) {
  d.n = 1;
  return d;
}

template <class T>
int64_t workspace_of(int threads, const pw_block &d) {
  if (by_images(d)) {
    const BlockPlan<T> plan(one_image(d), true);
    return threads * (plan.shared + plan.own);
  }
  const BlockPlan<T> plan(d, false);
  return plan.shared + threads * plan.own;
}

template <class T>
void block_of(Pool &pool, const pw_block &d, const T *x, const float *active_sites,
              const pw_block_weights &w, T *y, char *memory) {
  if (!by_images(d)) {
    const BlockPlan<T> plan(d, false);
    const Sites sites(active_sites, d.n, plan.expand.out_h * plan.expand.out_w);
    plan.run({&pool}, x, sites, w, y, memory, memory + plan.shared);
    return;
  }
  const BlockPlan<T> plan(one_image(d), true);
  const int64_t in = static_cast<int64_t>(d.h) * d.w * d.c_in;
  const int64_t pixels = plan.expand.out_h * plan.expand.out_w, out = pixels * d.c_out;
  const Sites sites(active_sites, d.n, pixels);
  parallel(pool, d.n, [&](int64_t image, int worker) {
    char *const own = memory + worker * (plan.shared + plan.own);
    plan.run({nullptr}, x + image * in, sites.image(image, pixels), w, y + image * out, own,
             own + plan.shared);
  });
}

int64_t workspace(int threads, const pw_block &d) {
  int64_t bytes = 0;
  dispatch_storage(d.storage, [&]<class T>(T *) { bytes = workspace_of<T>(threads, d); });
  return bytes;
}

void block(Pool &pool, const pw_block &d, const void *x, const float *sites,
           const pw_block_weights &w, void *y, void *workspace) {
  dispatch_storage(d.storage, [&]<class T>(T *) {
    block_of(pool, d, static_cast<const T *>(x), sites, w, static_cast<T *>(y),
             static_cast<char *>(workspace));
  });
}

}  // namespace

void fill_inference_block(Kernels &k) {
  k.inference_block_workspace = workspace;
  k.inference_block = block;
}

}  // namespace pw::PW_ISA
