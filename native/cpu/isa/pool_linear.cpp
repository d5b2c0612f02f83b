#include "kernels.h"
#include "philox.h"
#include "rows.h"

namespace pw::PW_ISA {
namespace {

// ---- sites

// The channels of a pixel in which there is something.
template <class T>
bool is_hit(const T *pixel, int64_t c) {
  bool hit = false;
  for (int64_t i = 0; i < c; ++i) hit = hit || to_float(pixel[i]) != 0;
  return hit;
}

// Few pixels of an image are hit: each sets its sites at all resolutions.
template <class T>
void image_sites(const pw_tensor &d, const T *image, int64_t n, const SiteLevels &levels) {
  const int64_t h = d.h, w = d.w;
  int64_t number[kMostSiteLevels] = {}, columns[kMostSiteLevels];
  float *active[kMostSiteLevels];
  for (int64_t l = 0; l < levels.count; ++l) {
    const int64_t side = INT64_C(1) << levels.level[l].halvings;
    columns[l] = ceil_div(w, side);
    const int64_t pixels = ceil_div(h, side) * columns[l];
    active[l] = levels.level[l].sites + n * pixels;
    std::memset(active[l], 0, static_cast<size_t>(pixels) * sizeof(float));
  }
  for (int64_t y = 0; y < h; ++y) {
    for (int64_t x = 0; x < w; ++x) {
      if (!is_hit(image + (y * w + x) * d.c, d.c)) continue;
      for (int64_t l = 0; l < levels.count; ++l) {
        const int32_t halvings = levels.level[l].halvings;
        float &site = active[l][(y >> halvings) * columns[l] + (x >> halvings)];
        number[l] += site == 0;
        site = 1;
      }
    }
  }
  for (int64_t l = 0; l < levels.count; ++l) {
    const int64_t side = INT64_C(1) << levels.level[l].halvings;
    levels.level[l].sites[d.n * ceil_div(h, side) * columns[l] + n] = static_cast<float>(number[l]);
  }
}

void pool_sites(Pool &pool, const pw_tensor &d, const void *image, const SiteLevels &levels) {
  const int64_t size = static_cast<int64_t>(d.h) * d.w * d.c;
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    parallel(pool, d.n, [&](int64_t n, int) {
      image_sites(d, static_cast<const T *>(image) + n * size, n, levels);
    });
  });
}

// ---- average pool

constexpr int64_t kPoolChannels = 64;

// The sum of SiLU(scale * x + shift) over kRows rows, `stride` apart.
template <int kRows, class T>
PW_INLINE vf silu_of_rows(const T *x, int64_t stride, vf scale, vf shift, int count) {
  vf z[kRows], s[kRows], total{};
  for (int r = 0; r < kRows; ++r) z[r] = load_n(x + r * stride, count) * scale + shift;
  sigmoids<kRows>(z, s);
  for (int r = 0; r < kRows; ++r) total += z[r] * s[r];
  return total;
}

void pool_forward(Pool &pool, const pw_tensor &d, const pw_view &x, const float *active_sites,
                  float *embedding) {
  const int64_t c = d.c, pixels = static_cast<int64_t>(d.h) * d.w,
                blocks = ceil_div(c, kPoolChannels);
  const Sites sites(active_sites, d.n, pixels);
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    parallel(pool, d.n * blocks, [&](int64_t task, int) {
      const int64_t image = task / blocks, first = task % blocks * kPoolChannels;
      const T *data = static_cast<const T *>(x.data) + image * pixels * c + first;
      for_lanes(least(kPoolChannels, c - first), [&](int64_t i, int count) PW_INLINE_BODY {
        const vf scale = load_n(x.bn + first + i, count),
                 shift = load_n(x.bn + c + first + i, count);
        Wide total;
        for (int64_t from = 0; from < pixels; from += 256) {
          vf part{};
          for_active(sites.from(image * pixels + from), from, least(pixels, from + 256),
                     [&](auto rows, int64_t row) PW_INLINE_BODY {
                       part += silu_of_rows<decltype(rows)::value>(data + row * c + i, c, scale,
                                                                   shift, count);
                     });
          total.add(part);
        }
        store_n(embedding + image * c + first + i, total.scaled(1.0 / sites.divisor(image, pixels)),
                count);
      });
    });
  });
}

Chunks pool_chunks(const pw_tensor &d) {
  return Chunks(static_cast<int64_t>(d.n) * d.h * d.w, d.c, kChunkElements);
}

int64_t pool_workspace(int, const pw_tensor &d) { return pool_chunks(d).count * 2 * d.c * 4; }

// dz of kRows rows of one image, added to sums [2][c].
template <int kRows, class T>
void pool_rows(const T *x, int64_t c, const float *bn, const float *dembedding, float share, T *dz,
               float *sums) {
  for_lanes(c, [&](int64_t i, int count) PW_INLINE_BODY {
    const vf scale = load_n(bn + i, count), shift = load_n(bn + c + i, count);
    const vf mean = load_n(bn + 2 * c + i, count), rstd = load_n(bn + 3 * c + i, count);
    const vf g = load_n(dembedding + i, count) * share;
    vf raw[kRows], z[kRows], slope[kRows], plain{}, product{};
    for (int r = 0; r < kRows; ++r) {
      raw[r] = load_n(x + r * c + i, count);
      z[r] = raw[r] * scale + shift;
    }
    silu_pairs<kRows>(z, slope);
    for (int r = 0; r < kRows; ++r) {
      const vf value = g * slope[r];
      store_n(dz + r * c + i, value, count);
      plain += value;
      product += value * (raw[r] - mean);
    }
    store_n(sums + i, load_n(sums + i, count) + plain, count);
    store_n(sums + c + i, load_n(sums + c + i, count) + product * rstd, count);
  });
}

void pool_backward(Pool &pool, const pw_tensor &d, const pw_view &x, const float *active_sites,
                   const float *dembedding, void *dz, float *sums, void *workspace) {
  const int64_t c = d.c, pixels = static_cast<int64_t>(d.h) * d.w;
  const Chunks chunks = pool_chunks(d);
  const Sites sites(active_sites, d.n, pixels);
  float *parts = static_cast<float *>(workspace);
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    const T *data = static_cast<const T *>(x.data);
    T *out = static_cast<T *>(dz);
    parallel(pool, chunks.count, [&](int64_t chunk, int) {
      float *part = parts + chunk * 2 * c;
      std::memset(part, 0, static_cast<size_t>(2 * c) * sizeof(float));
      for_images(chunks.begin(chunk), chunks.end(chunk), pixels,
                 [&](int64_t image, int64_t row, int64_t end) {
                   const float *g = dembedding + image * c;
                   const float share = 1.0f / static_cast<float>(sites.divisor(image, pixels));
                   for_active(
                       sites.from(row), row, end,
                       [&](auto rows, int64_t at) {
                         pool_rows<decltype(rows)::value>(data + at * c, c, x.bn, g, share,
                                                          out + at * c, part);
                       },
                       [&](int64_t at) {
                         std::memset(out + at * c, 0, static_cast<size_t>(c) * sizeof(T));
                       });
                 });
    });
  });
  add_up_chunks(pool, parts, chunks.count, 2 * c, sums);
}

void pool_spread(Pool &pool, const pw_tensor &d, const float *active_sites, const float *dembedding,
                 void *dx) {
  const int64_t c = d.c, pixels = static_cast<int64_t>(d.h) * d.w;
  const Chunks chunks = pool_chunks(d);
  const Sites sites(active_sites, d.n, pixels);
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    T *out = static_cast<T *>(dx);
    parallel(pool, chunks.count, [&](int64_t chunk, int) {
      for_images(chunks.begin(chunk), chunks.end(chunk), pixels,
                 [&](int64_t image, int64_t row, int64_t end) {
                   const float *g = dembedding + image * c;
                   const float share = 1.0f / static_cast<float>(sites.divisor(image, pixels));
                   for_active(
                       sites.from(row), row, end,
                       [&](auto rows, int64_t at) {
                         for_lanes(c, [&](int64_t i, int count) PW_INLINE_BODY {
                           const vf value = load_n(g + i, count) * share;
                           for (int r = 0; r < decltype(rows)::value; ++r) {
                             store_n(out + (at + r) * c + i, value, count);
                           }
                         });
                       },
                       [&](int64_t at) {
                         std::memset(out + at * c, 0, static_cast<size_t>(c) * sizeof(T));
                       });
                 });
    });
  });
}

// ---- linear: small matrices (a head on the embedding), so blocks of registers suffice

// y [kRows images][kColumns outputs], products along the inputs.
template <int kRows, int kColumns>
void forward_block(const pw_linear &d, const float *x, const float *weight, const float *bias,
                   float *y) {
  vf total[kRows][kColumns] = {};
  for_lanes(d.c_in, [&](int64_t i, int count) PW_INLINE_BODY {
    for (int r = 0; r < kRows; ++r) {
      const vf value = load_n(x + static_cast<int64_t>(r) * d.c_in + i, count);
      for (int o = 0; o < kColumns; ++o) {
        total[r][o] += value * load_n(weight + static_cast<int64_t>(o) * d.c_in + i, count);
      }
    }
  });
  for (int r = 0; r < kRows; ++r) {
    for (int o = 0; o < kColumns; ++o) {
      y[static_cast<int64_t>(r) * d.c_out + o] =
          sum(total[r][o]) + (bias != nullptr ? bias[o] : 0.0f);
    }
  }
}

template <int kRows>
void forward_rows(const pw_linear &d, const float *x, const float *weight, const float *bias,
                  float *y, int64_t begin, int64_t end) {
  const auto offset = [&](int64_t o) { return bias != nullptr ? bias + o : nullptr; };
  int64_t o = begin;
  for (; o + 2 <= end; o += 2) forward_block<kRows, 2>(d, x, weight + o * d.c_in, offset(o), y + o);
  if (o < end) forward_block<kRows, 1>(d, x, weight + o * d.c_in, offset(o), y + o);
}

void linear_forward(Pool &pool, const pw_linear &d, const float *x, const float *weight,
                    const float *bias, float *y) {
  constexpr int64_t kOutputs = 64;
  const int64_t blocks = ceil_div(d.c_out, kOutputs);
  parallel(pool, ceil_div(d.n, 4) * blocks, [&](int64_t task, int) {
    const int64_t n = task / blocks * 4, o = task % blocks * kOutputs;
    const int64_t end = least(d.c_out, o + kOutputs);
    if (n + 4 <= d.n) {
      forward_rows<4>(d, x + n * d.c_in, weight, bias, y + n * d.c_out, o, end);
      return;
    }
    for (int64_t i = n; i < d.n; ++i) {
      forward_rows<1>(d, x + i * d.c_in, weight, bias, y + i * d.c_out, o, end);
    }
  });
}

// out[r][i] (+)= sum over k of factor(r, k) * rows[k][i]; r in [0, kRows).
template <int kRows, class Factor>
void combine(const float *rows, int64_t count, int64_t width, bool accumulate, Factor &&factor,
             float *out) {
  for_lanes(width, [&](int64_t i, int lanes) PW_INLINE_BODY {
    vf total[kRows] = {};
    for (int64_t k = 0; k < count; ++k) {
      const vf row = load_n(rows + k * width + i, lanes);
      for (int r = 0; r < kRows; ++r) total[r] += row * factor(r, k);
    }
    for (int r = 0; r < kRows; ++r) {
      float *to = out + r * width + i;
      store_n(to, accumulate ? load_n(to, lanes) + total[r] : total[r], lanes);
    }
  });
}

// Four rows at a time on all threads; factor(row, k).
template <class Factor>
void combine_all(Pool &pool, int64_t results, const float *rows, int64_t count, int64_t width,
                 bool accumulate, Factor &&factor, float *out) {
  parallel(pool, ceil_div(results, 4), [&](int64_t task, int) {
    const int64_t first = task * 4;
    if (first + 4 <= results) {
      combine<4>(
          rows, count, width, accumulate, [&](int r, int64_t k) { return factor(first + r, k); },
          out + first * width);
      return;
    }
    for (int64_t row = first; row < results; ++row) {
      combine<1>(
          rows, count, width, accumulate, [&](int, int64_t k) { return factor(row, k); },
          out + row * width);
    }
  });
}

void linear_backward(Pool &pool, const pw_linear &d, const float *x, const float *weight,
                     const float *dy, float *dx, float *dweight, float *dbias) {
  const auto gradient = [&](int64_t n, int64_t o) { return dy[n * d.c_out + o]; };
  const bool accumulate = d.accumulate != 0;
  if (dx != nullptr) combine_all(pool, d.n, weight, d.c_out, d.c_in, false, gradient, dx);
  if (dweight != nullptr) {
    combine_all(
        pool, d.c_out, x, d.n, d.c_in, accumulate,
        [&](int64_t o, int64_t n) { return gradient(n, o); }, dweight);
  }
  if (dbias != nullptr) {
    for (int64_t o = 0; o < d.c_out; ++o) {
      double total = accumulate ? dbias[o] : 0.0;
      for (int64_t n = 0; n < d.n; ++n) total += gradient(n, o);
      dbias[o] = static_cast<float>(total);
    }
  }
}

void dropout(Pool &pool, const pw_dropout &d, const pw_step *step, const float *x, float *y) {
  parallel(pool, d.n, [&](int64_t i, int) {
    for (int32_t g = 0; g < ceil_div(d.c, kDropoutGroup); ++g) {
      drop_group(d, *step, static_cast<int32_t>(i), g, x, y);
    }
  });
}

}  // namespace

void fill_pool_linear(Kernels &k) {
  k.pool_sites = pool_sites;
  k.pool_forward = pool_forward;
  k.pool_workspace = pool_workspace;
  k.pool_backward = pool_backward;
  k.pool_spread = pool_spread;
  k.linear_forward = linear_forward;
  k.linear_backward = linear_backward;
  k.dropout = dropout;
}

}  // namespace pw::PW_ISA
