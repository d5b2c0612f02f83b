#include "hits.h"

#include <cmath>

#include "kernels.h"
#include "rows.h"

namespace pw::PW_ISA {
namespace {

constexpr int kTaps = PW_HITS_NEIGHBOURS, kCentre = kTaps / 2;
constexpr int64_t kClusterBlock = 32;  // clusters of a task

// body(cluster, first row, end) for all clusters.
template <class Body>
void for_clusters(Pool &pool, int32_t n, const int32_t *offsets, Body &&body) {
  parallel(pool, ceil_div(n, kClusterBlock), [&](int64_t task, int) {
    const int64_t end = least(n, (task + 1) * kClusterBlock);
    for (int64_t i = task * kClusterBlock; i < end; ++i) body(i, offsets[i], offsets[i + 1]);
  });
}

// ---- neighbours and features

void hits_neighbours(Pool &pool, const pw_hits &d, const pw_step *step, const Hits &hits,
                     int32_t *neighbours, int32_t *cluster) {
  const auto before = [&](int64_t row, int32_t y, int32_t x) {
    return hits.y[row] < y || (hits.y[row] == y && hits.x[row] < x);
  };
  for_clusters(pool, d.n, hits.offsets, [&](int64_t i, int64_t first, int64_t end) {
    const uint32_t turn = turn_of(d.augment, *step, hits.ids[i]);
    // Hits are ordered, so that the lines above and below are walked along with the hit's own.
    int64_t line[3] = {first, first, first};
    for (int64_t row = first; row < end; ++row) {
      int32_t *of = neighbours + row * kTaps;
      for (int k = 0; k < kTaps; ++k) of[k] = -1;
      const int32_t x = hits.x[row], y = hits.y[row];
      for (int dy = -1; dy <= 1; ++dy) {
        int64_t &at = line[dy + 1];
        while (at < end && before(at, y + dy, x - 1)) ++at;
        for (int64_t other = at; other < end && other < at + 3; ++other) {
          const int32_t dx = hits.x[other] - x;
          if (hits.y[other] != y + dy || dx > 1) break;
          of[turned_neighbour(turn, dx, dy)] = static_cast<int32_t>(other);
        }
      }
      cluster[row] = static_cast<int32_t>(i);
    }
  });
}

void hits_features(Pool &pool, const pw_hits &d, const pw_step *step, const Hits &hits,
                   float *features) {
  for_clusters(pool, d.n, hits.offsets, [&](int64_t i, int64_t first, int64_t end) {
    if (first >= end) return;
    const uint32_t turn = turn_of(d.augment, *step, hits.ids[i]);
    int64_t sum_x = 0, sum_y = 0;
    for (int64_t row = first; row < end; ++row) {
      sum_x += hits.x[row];
      sum_y += hits.y[row];
    }
    const double count = static_cast<double>(end - first);
    const double mean_x = static_cast<double>(sum_x) / count,
                 mean_y = static_cast<double>(sum_y) / count;
    for (int64_t row = first; row < end; ++row) {
      float x = static_cast<float>(hits.x[row] - mean_x),
            y = static_cast<float>(hits.y[row] - mean_y);
      turn_place(turn, x, y);
      describe_hit(d, hits.energy[row], d.toa_scale > 0 ? hits.toa[row] : 0.0f, x, y,
                   features + row * PW_HITS_FEATURES);
    }
  });
}

// ---- GELU

struct Gelu {
  vf value, slope;
};

// x Phi(x) and its derivative. Phi by Abramowitz & Stegun 7.1.26, wrong by less than 8e-8.
PW_INLINE Gelu gelu(vf x) {
  const vf zero{};
  const vf z = vmax(x, -x) * 0.70710678f;
  const vf t = 1.0f / (1.0f + 0.3275911f * z);
  vf p = splat(1.061405429f);
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  const vf bell = vexp(-z * z);
  const vf tail = 0.5f * p * t * bell;
  const vf below = x < zero ? tail : 1.0f - tail;
  return {x * below, below + x * bell * 0.39894228f};
}

// ---- layer norm

// The sum of the lanes, in an order that the instruction set alone decides.
PW_INLINE float across(vf v) {
  float lane[kLanes];
  store(lane, v);
  for (int half = kLanes / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) lane[i] += lane[i + half];
  }
  return lane[0];
}

constexpr int64_t kRowChunk = 256;

// body(row) for the rows that there are.
template <class Body>
void for_rows(Pool &pool, int64_t rows, Body &&body) {
  parallel(pool, ceil_div(rows, kRowChunk), [&](int64_t chunk, int) {
    const int64_t end = least(rows, (chunk + 1) * kRowChunk);
    for (int64_t row = chunk * kRowChunk; row < end; ++row) body(row);
  });
}

void hits_norm_forward(Pool &pool, const pw_hits_norm &d, const int32_t *offsets, const float *x,
                       const float *gamma, const float *beta, float *y, float *moments) {
  const int64_t c = d.c;
  const float share = 1.0f / static_cast<float>(c);
  for_rows(pool, offsets[d.n], [&](int64_t row) {
    const float *in = x + row * c;
    vf total{};
    for_lanes(c, [&](int64_t i, int count) PW_INLINE_BODY { total += load_n(in + i, count); });
    const float mean = across(total) * share;
    vf squares{};
    for_lanes(c, [&](int64_t i, int count) PW_INLINE_BODY {
      const vf v = load_n(in + i, count) - mean;
      // Lanes behind the row are not of it.
      vf own{};
      for (int k = 0; k < count; ++k) own[k] = 1;
      squares += v * v * own;
    });
    const float rstd = 1.0f / std::sqrt(across(squares) * share + d.eps);
    for_lanes(c, [&](int64_t i, int count) PW_INLINE_BODY {
      const vf xhat = (load_n(in + i, count) - mean) * rstd;
      store_n(y + row * c + i, xhat * load_n(gamma + i, count) + load_n(beta + i, count), count);
    });
    moments[2 * row] = mean;
    moments[2 * row + 1] = rstd;
  });
}

// Chunks of rows whose sums are added up in their order: how many depends on the rows alone.
constexpr int64_t kMostParts = 64;

struct Parts {
  int64_t rows, size, count;

  explicit Parts(int64_t rows)
      : rows(rows),
        size(most(kRowChunk, ceil_div(rows, kMostParts))),
        count(ceil_div(rows, size)) {}

  int64_t begin(int64_t part) const { return part * size; }
  int64_t end(int64_t part) const { return least(rows, (part + 1) * size); }

  // to = the sum of the parts' vectors, `stride` apart, added to what is there with `accumulate`.
  void add(const float *from, int64_t stride, int64_t width, int32_t accumulate, float *to) const {
    for_lanes(width, [&](int64_t i, int lanes) PW_INLINE_BODY {
      Wide total;
      for (int64_t p = 0; p < count; ++p) total.add(load_n(from + p * stride + i, lanes));
      vf value = total.scaled(1.0);
      if (accumulate != 0) value += load_n(to + i, lanes);
      store_n(to + i, value, lanes);
    });
  }
};

int64_t hits_norm_workspace(int, const pw_hits_norm &d) { return kMostParts * 2 * d.c * 4; }

void hits_norm_backward(Pool &pool, const pw_hits_norm &d, const int32_t *offsets, const float *x,
                        const float *gamma, const float *moments, const float *dy,
                        const float *addend, float *dx, float *dgamma, float *dbeta,
                        void *workspace) {
  const int64_t c = d.c;
  const float share = 1.0f / static_cast<float>(c);
  const Parts parts(offsets[d.n]);
  float *sums = static_cast<float *>(workspace);
  parallel(pool, parts.count, [&](int64_t part, int) {
    float *own = sums + part * 2 * c;
    std::memset(own, 0, static_cast<size_t>(2 * c) * sizeof(float));
    for (int64_t row = parts.begin(part); row < parts.end(part); ++row) {
      const float *in = x + row * c, *out = dy + row * c;
      const float mean = moments[2 * row], rstd = moments[2 * row + 1];
      vf plain{}, product{};
      for_lanes(c, [&](int64_t i, int count) PW_INLINE_BODY {
        const vf given = load_n(out + i, count), g = given * load_n(gamma + i, count);
        const vf xhat = (load_n(in + i, count) - mean) * rstd;
        plain += g;
        product += g * xhat;
        store_n(own + i, load_n(own + i, count) + given * xhat, count);
        store_n(own + c + i, load_n(own + c + i, count) + given, count);
      });
      const float mean_g = across(plain) * share, mean_gx = across(product) * share;
      for_lanes(c, [&](int64_t i, int count) PW_INLINE_BODY {
        const vf g = load_n(out + i, count) * load_n(gamma + i, count);
        const vf xhat = (load_n(in + i, count) - mean) * rstd;
        vf value = (g - mean_g - xhat * mean_gx) * rstd;
        if (addend != nullptr) value += load_n(addend + row * c + i, count);
        store_n(dx + row * c + i, value, count);
      });
    }
  });
  if (dgamma != nullptr) parts.add(sums, 2 * c, c, d.accumulate, dgamma);
  if (dbeta != nullptr) parts.add(sums + c, 2 * c, c, d.accumulate, dbeta);
}

// ---- product

#if defined(__AVX512F__)
constexpr int kHitRows = 8;
#else
constexpr int kHitRows = 4;
#endif
constexpr int kHitVectors = 2;
constexpr int64_t kHitWidth = kHitVectors * kLanes;

int64_t padded(int64_t channels) { return round_up(channels, kHitWidth); }

// The rows of a chunk that have a neighbour in one place.
struct Pairs {
  int64_t count = 0;
  int32_t row[kRowChunk], source[kRowChunk];

  // neighbours null: every row is its own.
  void find(const int32_t *neighbours, int tap, int64_t begin, int64_t end) {
    count = 0;
    for (int64_t r = begin; r < end; ++r) {
      const int32_t other =
          neighbours != nullptr ? neighbours[r * kTaps + tap] : static_cast<int32_t>(r);
      row[count] = static_cast<int32_t>(r);
      source[count] = other;
      count += other >= 0;
    }
  }
};

// to[row] += weight x[source] for kRows pairs and the output channels of up to two vectors, of
// which `last` lanes count in the second.
template <int kRows>
PW_INLINE void add_products(const float *x, int64_t c_in, const int32_t *source,
                            const float *weight, int64_t stride, float *to, int64_t c_out,
                            const int32_t *row, int first, int last) {
  vf sum[kRows][kHitVectors];
  const float *in[kRows];
  for (int r = 0; r < kRows; ++r) {
    float *out = to + row[r] * c_out;
    sum[r][0] = load_n(out, first);
    sum[r][1] = last > 0 ? load_n(out + kLanes, last) : vf{};
    in[r] = x + source[r] * c_in;
  }
  for (int64_t c = 0; c < c_in; ++c) {
    const vf w0 = load(weight + c * stride), w1 = load(weight + c * stride + kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const vf v = splat(in[r][c]);
      sum[r][0] += v * w0;
      sum[r][1] += v * w1;
    }
  }
  for (int r = 0; r < kRows; ++r) {
    float *out = to + row[r] * c_out;
    store_n(out, sum[r][0], first);
    if (last > 0) store_n(out + kLanes, sum[r][1], last);
  }
}

// y[r] = start + sum over taps of packed[tap] x[neighbours[r][tap]], packed [taps][c_in][padded
// c_out]. start: bias and addend, each or null; where `clear` is false y itself.
void products(Pool &pool, int64_t rows, int taps, const int32_t *neighbours, const float *x,
              int64_t c_in, const float *packed, const float *bias, const float *addend,
              int64_t c_out, float *y) {
  const int64_t stride = padded(c_out);
  parallel(pool, ceil_div(rows, kRowChunk), [&](int64_t chunk, int) {
    const int64_t begin = chunk * kRowChunk, end = least(rows, begin + kRowChunk);
    for (int64_t r = begin; r < end; ++r) {
      for_lanes(c_out, [&](int64_t i, int count) PW_INLINE_BODY {
        vf v = bias != nullptr ? load_n(bias + i, count) : vf{};
        if (addend != nullptr) v += load_n(addend + r * c_out + i, count);
        store_n(y + r * c_out + i, v, count);
      });
    }
    Pairs pairs;
    for (int tap = 0; tap < taps; ++tap) {
      pairs.find(neighbours, tap, begin, end);
      const float *weight = packed + tap * c_in * stride;
      for (int64_t o = 0; o < c_out; o += kHitWidth) {
        const int first = static_cast<int>(least(kLanes, c_out - o)),
                  last = static_cast<int>(most(0, least(kLanes, c_out - o - kLanes)));
        int64_t p = 0;
        for (; p + kHitRows <= pairs.count; p += kHitRows) {
          add_products<kHitRows>(x, c_in, pairs.source + p, weight + o, stride, y + o, c_out,
                                 pairs.row + p, first, last);
        }
        for (; p < pairs.count; ++p) {
          add_products<1>(x, c_in, pairs.source + p, weight + o, stride, y + o, c_out,
                          pairs.row + p, first, last);
        }
      }
    }
  });
}

// What lies in the workspace of a product.
struct ProductWork {
  int64_t packed, inputs, parts, total;  // offsets in floats

  ProductWork(const pw_hits_product &d, int32_t pass) {
    const int64_t weights = d.taps * most(d.c_in * padded(d.c_out), d.c_out * padded(d.c_in));
    packed = 0;
    inputs = weights;
    // The inputs as they are multiplied and, backwards, their gradients.
    const int64_t rows = round_up(static_cast<int64_t>(d.capacity) * d.c_in, kLanes);
    parts = inputs + rows * (pass == PW_BACKWARD ? 2 : 1);
    const int64_t part = d.taps * d.c_in * padded(d.c_out) + padded(d.c_out);
    total = parts + (pass == PW_BACKWARD ? Parts(d.capacity).count * part : 0);
  }
};

int64_t hits_product_workspace(int, const pw_hits_product &d, int32_t pass) {
  return ProductWork(d, pass).total * 4;
}

// The inputs as they are multiplied: x itself, or what is made of it in `room`.
const float *multiplied(Pool &pool, const pw_hits_product &d, const HitInput &in, int64_t rows,
                        float *room) {
  if (d.gelu == 0 && in.context == nullptr) return in.x;
  const int64_t c = d.c_in;
  for_rows(pool, rows, [&](int64_t row) {
    const float *added = in.context != nullptr ? in.context + in.cluster[row] * c : nullptr;
    for_lanes(c, [&](int64_t i, int count) PW_INLINE_BODY {
      vf v = load_n(in.x + row * c + i, count);
      if (d.gelu != 0) v = gelu(v).value;
      if (added != nullptr) v += load_n(added + i, count);
      store_n(room + row * c + i, v, count);
    });
  });
  return room;
}

void hits_product_forward(Pool &pool, const pw_hits_product &d, const HitInput &in,
                          const float *weight, const float *bias, const float *addend, float *y,
                          void *workspace) {
  const int64_t rows = in.offsets[d.n], stride = padded(d.c_out);
  const ProductWork work(d, PW_FORWARD);
  float *room = static_cast<float *>(workspace), *packed = room + work.packed;
  parallel(pool, d.c_in, [&](int64_t c, int) {
    for (int64_t tap = 0; tap < d.taps; ++tap) {
      float *to = packed + (tap * d.c_in + c) * stride;
      for (int64_t o = 0; o < stride; ++o) {
        to[o] = o < d.c_out ? weight[(o * d.c_in + c) * d.taps + tap] : 0.0f;
      }
    }
  });
  const float *x = multiplied(pool, d, in, rows, room + work.inputs);
  products(pool, rows, d.taps, in.neighbours, x, d.c_in, packed, bias, addend, d.c_out, y);
}

// parts[tap][c_in][padded c_out] of a part's rows: sum of u[source] dy[row].
void weight_part(const Parts &parts, int64_t part, int tap, const pw_hits_product &d,
                 const HitInput &in, const float *u, const float *dy, float *to) {
  const int64_t stride = padded(d.c_out), c_in = d.c_in, c_out = d.c_out;
  std::memset(to, 0, static_cast<size_t>(c_in * stride) * sizeof(float));
  Pairs pairs;
  for (int64_t begin = parts.begin(part); begin < parts.end(part); begin += kRowChunk) {
    pairs.find(in.neighbours, tap, begin, least(parts.end(part), begin + kRowChunk));
    for (int64_t o = 0; o < c_out; o += kHitWidth) {
      const int first = static_cast<int>(least(kLanes, c_out - o)),
                last = static_cast<int>(most(0, least(kLanes, c_out - o - kLanes)));
      for (int64_t c = 0; c < c_in;) {
        const auto block = [&](auto rows) PW_LAMBDA {
          constexpr int kRows = rows.value;
          vf sum[kRows][kHitVectors];
          for (int q = 0; q < kRows; ++q) {
            sum[q][0] = load(to + (c + q) * stride + o);
            sum[q][1] = load(to + (c + q) * stride + o + kLanes);
          }
          for (int64_t p = 0; p < pairs.count; ++p) {
            const float *g = dy + pairs.row[p] * c_out + o, *v = u + pairs.source[p] * c_in + c;
            const vf g0 = load_n(g, first), g1 = last > 0 ? load_n(g + kLanes, last) : vf{};
#pragma GCC unroll 8
            for (int q = 0; q < kRows; ++q) {
              sum[q][0] += splat(v[q]) * g0;
              sum[q][1] += splat(v[q]) * g1;
            }
          }
          for (int q = 0; q < kRows; ++q) {
            store(to + (c + q) * stride + o, sum[q][0]);
            store(to + (c + q) * stride + o + kLanes, sum[q][1]);
          }
          c += kRows;
        };
        if (c + kHitRows <= c_in) {
          block(Kind<kHitRows>{});
        } else {
          block(Kind<1>{});
        }
      }
    }
  }
}

void weight_gradient(Pool &pool, const pw_hits_product &d, const HitInput &in, int64_t rows,
                     const float *u, const float *dy, float *dweight, float *dbias, float *room) {
  const int64_t stride = padded(d.c_out), slab = d.c_in * stride;
  const int64_t part_size = d.taps * slab + stride;
  const Parts parts(rows);
  const int64_t jobs = d.taps + 1;
  parallel(pool, parts.count * jobs, [&](int64_t task, int) {
    const int64_t part = task / jobs, tap = task % jobs;
    float *to = room + part * part_size + tap * slab;
    if (tap < d.taps) {
      if (dweight != nullptr) weight_part(parts, part, static_cast<int>(tap), d, in, u, dy, to);
    } else if (dbias != nullptr) {
      std::memset(to, 0, static_cast<size_t>(stride) * sizeof(float));
      for (int64_t row = parts.begin(part); row < parts.end(part); ++row) {
        for_lanes(d.c_out, [&](int64_t i, int count) PW_INLINE_BODY {
          store_n(to + i, load_n(to + i, count) + load_n(dy + row * d.c_out + i, count), count);
        });
      }
    }
  });
  if (dweight != nullptr) {
    parallel(pool, d.taps * d.c_in, [&](int64_t task, int) {
      const int64_t tap = task / d.c_in, c = task % d.c_in;
      for_lanes(d.c_out, [&](int64_t o, int count) PW_INLINE_BODY {
        Wide total;
        const float *from = room + task * stride + o;
        for (int64_t p = 0; p < parts.count; ++p) {
          total.add(load_n(from + p * part_size, count));
        }
        const vf sum = total.scaled(1.0);
        for (int q = 0; q < count; ++q) {
          float *to = dweight + ((o + q) * d.c_in + c) * d.taps + tap;
          *to = sum[q] + (d.accumulate != 0 ? *to : 0.0f);
        }
      });
    });
  }
  if (dbias != nullptr) {
    parts.add(room + d.taps * slab, part_size, d.c_out, d.accumulate, dbias);
  }
}

void hits_product_backward(Pool &pool, const pw_hits_product &d, const HitInput &in,
                           const float *weight, const float *dy, const float *addend, float *dx,
                           float *dcontext, float *dweight, float *dbias, void *workspace) {
  const int64_t rows = in.offsets[d.n], c = d.c_in;
  const ProductWork work(d, PW_BACKWARD);
  float *room = static_cast<float *>(workspace), *packed = room + work.packed;
  float *inputs = room + work.inputs;
  if (dweight != nullptr || dbias != nullptr) {
    const float *u = dweight != nullptr ? multiplied(pool, d, in, rows, inputs) : in.x;
    weight_gradient(pool, d, in, rows, u, dy, dweight, dbias, room + work.parts);
  }
  if (dx == nullptr && dcontext == nullptr) return;
  // The neighbour in place k has the row in place 8 - k.
  const int64_t stride = padded(c);
  parallel(pool, d.c_out, [&](int64_t o, int) {
    for (int64_t tap = 0; tap < d.taps; ++tap) {
      float *to = packed + (tap * d.c_out + o) * stride;
      const int64_t opposite = d.taps - 1 - tap;
      for (int64_t i = 0; i < stride; ++i) {
        to[i] = i < c ? weight[(o * c + i) * d.taps + opposite] : 0.0f;
      }
    }
  });
  if (d.gelu == 0 && dcontext == nullptr) {
    products(pool, rows, d.taps, in.neighbours, dy, d.c_out, packed, nullptr, addend, c, dx);
    return;
  }
  float *du = inputs + round_up(static_cast<int64_t>(d.capacity) * c, kLanes);
  products(pool, rows, d.taps, in.neighbours, dy, d.c_out, packed, nullptr, nullptr, c, du);
  if (dcontext != nullptr) {
    for_clusters(pool, d.n, in.offsets, [&](int64_t i, int64_t first, int64_t end) {
      for_lanes(c, [&](int64_t k, int count) PW_INLINE_BODY {
        Wide total;
        for (int64_t row = first; row < end; ++row) total.add(load_n(du + row * c + k, count));
        store_n(dcontext + i * c + k, total.scaled(1.0), count);
      });
    });
  }
  if (dx == nullptr) return;
  for_rows(pool, rows, [&](int64_t row) {
    for_lanes(c, [&](int64_t i, int count) PW_INLINE_BODY {
      vf v = load_n(du + row * c + i, count);
      if (d.gelu != 0) v *= gelu(load_n(in.x + row * c + i, count)).slope;
      if (addend != nullptr) v += load_n(addend + row * c + i, count);
      store_n(dx + row * c + i, v, count);
    });
  });
}

// ---- pooling

void hits_pool_forward(Pool &pool, const pw_hits_pool &d, const int32_t *offsets, const float *x,
                       float *pooled, int32_t *largest) {
  const int64_t c = d.c;
  const bool all = d.all != 0;
  for_clusters(pool, d.n, offsets, [&](int64_t i, int64_t first, int64_t end) {
    float *to = pooled + i * c * (all ? 3 : 1);
    const double hits = static_cast<double>(end - first);
    for_lanes(c, [&](int64_t k, int count) PW_INLINE_BODY {
      Wide total;
      vf maximum{};
      vi where{};
      where -= 1;
      for (int64_t row = first; row < end; ++row) {
        const vf v = gelu(load_n(x + row * c + k, count)).value;
        total.add(v);
        if (!all) continue;
        if (row == first) maximum = v;
        // Also a NaN, so that it is seen.
        const vi better = row == first ? vi{} - 1 : ~(v <= maximum);
        maximum = better ? v : maximum;
        where = better ? vi{} + static_cast<int32_t>(row) : where;
      }
      const double share = end > first ? 1.0 / hits : 0.0;
      store_n(to + k, total.scaled(share), count);
      if (!all) return;
      store_n(to + c + k, total.scaled(0.1), count);
      store_n(to + 2 * c + k, maximum, count);
      for (int q = 0; q < count; ++q) largest[i * c + k + q] = where[q];
    });
  });
}

void hits_pool_backward(Pool &pool, const pw_hits_pool &d, const int32_t *offsets, const int32_t *,
                        const float *x, const int32_t *largest, const float *dpooled,
                        const float *addend, float *dx) {
  const int64_t c = d.c;
  const bool all = d.all != 0;
  for_clusters(pool, d.n, offsets, [&](int64_t i, int64_t first, int64_t end) {
    const float *g = dpooled + i * c * (all ? 3 : 1);
    const float share = 1.0f / static_cast<float>(end - first);
    for (int64_t row = first; row < end; ++row) {
      for_lanes(c, [&](int64_t k, int count) PW_INLINE_BODY {
        vf v = load_n(g + k, count) * share;
        if (all) {
          v += load_n(g + c + k, count) * 0.1f;
          const vf peak = load_n(g + 2 * c + k, count);
          for (int q = 0; q < count; ++q) {
            if (largest[i * c + k + q] == row) v[q] += peak[q];
          }
        }
        v *= gelu(load_n(x + row * c + k, count)).slope;
        if (addend != nullptr) v += load_n(addend + row * c + k, count);
        store_n(dx + row * c + k, v, count);
      });
    }
  });
}

}  // namespace

void fill_hits(Kernels &k) {
  k.hits_neighbours = hits_neighbours;
  k.hits_features = hits_features;
  k.hits_norm_workspace = hits_norm_workspace;
  k.hits_norm_forward = hits_norm_forward;
  k.hits_norm_backward = hits_norm_backward;
  k.hits_product_workspace = hits_product_workspace;
  k.hits_product_forward = hits_product_forward;
  k.hits_product_backward = hits_product_backward;
  k.hits_pool_forward = hits_pool_forward;
  k.hits_pool_backward = hits_pool_backward;
}

}  // namespace pw::PW_ISA
