#include "kernels.h"
#include "rows.h"
#include "silu.h"
#include "transpose.h"

namespace pw::PW_ISA {
namespace {

int64_t pixels_of(const pw_squeeze_excite &d) { return static_cast<int64_t>(d.h) * d.w; }

// Places of the intermediates in the workspace, each on a cache line of its own.
class Layout {
 public:
  explicit Layout(void *workspace) : base_(static_cast<float *>(workspace)) {}
  float *take(int64_t count) {
    const int64_t at = used_;
    used_ += round_up(count, 16);
    return base_ != nullptr ? base_ + at : nullptr;
  }
  int64_t bytes() const { return used_ * static_cast<int64_t>(sizeof(float)); }

 private:
  float *base_;
  int64_t used_ = 0;
};

struct ForwardPlan {
  Chunks chunks;  // of one image
  Layout layout;
  float *parts;       // [n][chunks][3][c]
  float *transposed;  // w2 as [squeeze][c]
  float *active;      // SiLU(hidden) [n][squeeze]

  ForwardPlan(const pw_squeeze_excite &d, void *workspace)
      : chunks(pixels_of(d), d.c, kChunkElements),
        layout(workspace),
        parts(layout.take(d.n * chunks.count * 3 * d.c)),
        transposed(layout.take(static_cast<int64_t>(d.squeeze) * d.c)),
        active(layout.take(static_cast<int64_t>(d.n) * d.squeeze)) {}
};

struct BackwardPlan {
  Layout layout;
  float *dgate;    // gradient before the sigmoid [n][c]
  float *active;   // SiLU(hidden) [n][squeeze]
  float *dhidden;  // [n][squeeze]

  BackwardPlan(const pw_squeeze_excite &d, void *workspace)
      : layout(workspace),
        dgate(layout.take(static_cast<int64_t>(d.n) * d.c)),
        active(layout.take(static_cast<int64_t>(d.n) * d.squeeze)),
        dhidden(layout.take(static_cast<int64_t>(d.n) * d.squeeze)) {}
};

int64_t squeeze_excite_workspace(int, const pw_squeeze_excite &d, int32_t pass) {
  return pass == PW_FORWARD ? ForwardPlan(d, nullptr).layout.bytes()
                            : BackwardPlan(d, nullptr).layout.bytes();
}

constexpr int64_t kTransposeChannels = 64;

// w2 of a block of channels, turned: out[s][c] = w2[c][s].
void transpose_weights(const pw_squeeze_excite &d, const float *w2, int64_t block, float *out) {
  const int64_t end = least(d.c, (block + 1) * kTransposeChannels);
  for (int64_t c = block * kTransposeChannels; c < end; c += kLanes) {
    const int channels = static_cast<int>(least(kLanes, end - c));
    for_lanes(d.squeeze, [&](int64_t s, int count) PW_INLINE_BODY {
      vf rows[kLanes];
      for (int i = 0; i < kLanes; ++i) {
        rows[i] = i < channels ? load_n(w2 + (c + i) * d.squeeze + s, count) : vf{};
      }
      transpose(rows);
      for (int i = 0; i < count; ++i) store_n(out + (s + i) * d.c + c, rows[i], channels);
    });
  }
}

// Adds the three sums over kRows rows to sums [3][c].
template <int kRows, class T>
void pool_rows(const T *x, int64_t c, const float *bn, float *sums) {
  for_lanes(c, [&](int64_t i, int count) PW_INLINE_BODY {
    const vf scale = load_n(bn + i, count), shift = load_n(bn + c + i, count);
    const vf mean = load_n(bn + 2 * c + i, count);
    vf raw[kRows], z[kRows], slope[kRows];
    for (int r = 0; r < kRows; ++r) {
      raw[r] = load_n(x + r * c + i, count);
      z[r] = raw[r] * scale + shift;
    }
    silu_pairs<kRows>(z, slope);
    vf value{}, derivative{}, product{};
    for (int r = 0; r < kRows; ++r) {
      value += z[r];
      derivative += slope[r];
      product += slope[r] * (raw[r] - mean);
    }
    const vf rstd = load_n(bn + 3 * c + i, count);
    store_n(sums + i, load_n(sums + i, count) + value, count);
    store_n(sums + c + i, load_n(sums + c + i, count) + derivative, count);
    store_n(sums + 2 * c + i, load_n(sums + 2 * c + i, count) + product * rstd, count);
  });
}

template <class T>
void pool_chunk(const pw_squeeze_excite &d, const Chunks &chunks, const T *image, int64_t chunk,
                const float *active, const float *bn, float *part) {
  std::memset(part, 0, static_cast<size_t>(3 * d.c) * sizeof(float));
  const int64_t first = chunks.begin(chunk);
  for_active(active != nullptr ? active + first : nullptr, first, chunks.end(chunk),
             [&](auto rows, int64_t row) {
               pool_rows<decltype(rows)::value>(image + row * d.c, d.c, bn, part);
             });
}

// Several images share what is loaded of a matrix; each image's sums run in the same order however
// many there are.
constexpr int kMostImages = 4;

// body(Kind<images>{}, first) for all images, in groups that leave work for every thread.
template <class Body>
void for_images(Pool &pool, int64_t images, Body &&body) {
  const int64_t each = most(1, least(kMostImages, images / pool.threads()));
  parallel(pool, ceil_div(images, each), [&](int64_t task, int) {
    int64_t n = task * each;
    const int64_t end = least(images, n + each);
    for (; n + 4 <= end; n += 4) body(Kind<4>{}, n);
    for (; n + 2 <= end; n += 2) body(Kind<2>{}, n);
    for (; n < end; ++n) body(Kind<1>{}, n);
  });
}

// out[n][s] = matrix[s] . x[n] for kRows rows of the matrix from s on.
template <int kImages, int kRows>
PW_INLINE void multiply_rows(const float *matrix, int64_t s, int64_t rows, int64_t c,
                             const float *x, float *out) {
  vf total[kRows][kImages] = {};
  for_lanes(c, [&](int64_t i, int count) PW_INLINE_BODY {
    vf value[kImages];
    for (int n = 0; n < kImages; ++n) value[n] = load_n(x + n * c + i, count);
    for (int r = 0; r < kRows; ++r) {
      const vf weight = load_n(matrix + (s + r) * c + i, count);
      for (int n = 0; n < kImages; ++n) total[r][n] += value[n] * weight;
    }
  });
  for (int r = 0; r < kRows; ++r) {
    for (int n = 0; n < kImages; ++n) out[n * rows + s + r] = sum(total[r][n]);
  }
}

// out[n][s] = matrix[s] . x[n], s in [0, rows).
template <int kImages>
void multiply(const float *matrix, int64_t rows, int64_t c, const float *x, float *out) {
  constexpr int kRows = kLanes == 16 ? 4 : 2;
  int64_t s = 0;
  for (; s + kRows <= rows; s += kRows) {
    multiply_rows<kImages, kRows>(matrix, s, rows, c, x, out);
  }
  for (; s < rows; ++s) multiply_rows<kImages, 1>(matrix, s, rows, c, x, out);
}

// Sums over s of x[n][s] * matrix[s][c ...] for kVectors vectors of channels; several chains of
// additions for each hide their latency.
template <int kImages, int kVectors, int kChains, class Body>
PW_INLINE void multiply_columns(const float *matrix, int64_t rows, int64_t stride, const float *x,
                                int64_t c, int count, Body &&body) {
  vf total[kChains][kVectors][kImages] = {};
  const auto row = [&](int chain, int64_t s) PW_INLINE_BODY {
    for (int v = 0; v < kVectors; ++v) {
      const vf weight = load_n(matrix + s * stride + c + v * kLanes, count);
      for (int n = 0; n < kImages; ++n) total[chain][v][n] += weight * x[n * rows + s];
    }
  };
  int64_t s = 0;
  for (; s + kChains <= rows; s += kChains) {
    for (int k = 0; k < kChains; ++k) row(k, s + k);
  }
  for (; s < rows; ++s) row(0, s);
  for (int v = 0; v < kVectors; ++v) {
    for (int n = 0; n < kImages; ++n) {
      for (int k = 1; k < kChains; ++k) total[0][v][n] += total[k][v][n];
      body(n, c + v * kLanes, total[0][v][n], count);
    }
  }
}

// body(n, c, sum over s of x[n][s] * matrix[s][c ...], count) along the channels.
template <int kImages, class Body>
PW_INLINE void multiply_transposed(const float *matrix, int64_t rows, int64_t c, const float *x,
                                   Body &&body) {
  constexpr int kVectors = kLanes == 16 ? 2 : 1;
  constexpr int kChains = 2;
  int64_t i = 0;
  for (; i + kVectors * kLanes <= c; i += kVectors * kLanes) {
    multiply_columns<kImages, kVectors, kChains>(matrix, rows, c, x, i, kLanes, body);
  }
  for (; i < c; i += kLanes) {
    const int count = static_cast<int>(least(kLanes, c - i));
    multiply_columns<kImages, 1, kVectors * kChains>(matrix, rows, c, x, i, count, body);
  }
}

void squeeze_excite_forward(Pool &pool, const pw_squeeze_excite &d, const pw_view &x,
                            const float *active_sites, const float *w1, const float *b1,
                            const float *w2, const float *b2, float *pooled, float *hidden,
                            float *gate, void *workspace) {
  const int64_t c = d.c, pixels = pixels_of(d);
  const ForwardPlan plan(d, workspace);
  const int64_t chunks = plan.chunks.count, pooling = d.n * chunks;
  const Sites sites(active_sites, d.n, pixels);
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    const T *data = static_cast<const T *>(x.data);
    parallel(pool, pooling + ceil_div(c, kTransposeChannels), [&](int64_t task, int) {
      if (task >= pooling) {
        transpose_weights(d, w2, task - pooling, plan.transposed);
        return;
      }
      const int64_t image = task / chunks;
      pool_chunk(d, plan.chunks, data + image * pixels * c, task % chunks,
                 sites.from(image * pixels), x.bn, plan.parts + task * 3 * c);
    });
  });
  for_images(pool, d.n, [&](auto images, int64_t n) {
    constexpr int kImages = decltype(images)::value;
    for (int64_t i = n; i < n + kImages; ++i) {
      for (int64_t k = 0; k < 3; ++k) {
        add_up(plan.parts + (i * chunks * 3 + k) * c, chunks, 3 * c, c,
               k == 0 ? 1.0 / sites.divisor(i, pixels) : 1.0, pooled + (k * d.n + i) * c);
      }
    }
    float *inner = hidden + n * d.squeeze, *active = plan.active + n * d.squeeze;
    multiply<kImages>(w1, d.squeeze, c, pooled + n * c, inner);
    for (int64_t i = 0; i < kImages; ++i) {
      for_lanes(d.squeeze, [&](int64_t s, int count) PW_INLINE_BODY {
        const int64_t at = i * d.squeeze + s;
        const vf z = load_n(inner + at, count) + load_n(b1 + s, count);
        store_n(inner + at, z, count);
        store_n(active + at, silu(z), count);
      });
    }
    multiply_transposed<kImages>(plan.transposed, d.squeeze, c, active,
                                 [&](int64_t image, int64_t i, vf total, int count) PW_INLINE_BODY {
                                   store_n(gate + (n + image) * c + i,
                                           sigmoid(total + load_n(b2 + i, count)), count);
                                 });
  });
}

struct Backward {
  const pw_squeeze_excite &d;
  const BackwardPlan &plan;
  Sites sites;
  const float *w1, *w2, *pooled, *hidden, *gate, *gate_sums;
  float *dw1, *db1, *dw2, *db2, *dpool, *sums;

  // Of kImages images from n on: dgate, dhidden, dpool.
  template <int kImages>
  void images(int64_t n) const {
    const int64_t c = d.c;
    float *dgate = plan.dgate + n * c;
    for_lanes(kImages * c, [&](int64_t i, int count) PW_INLINE_BODY {
      const vf g = load_n(gate + n * c + i, count);
      store_n(dgate + i, load_n(gate_sums + n * c + i, count) * (g * (1.0f - g)), count);
    });
    float *dhidden = plan.dhidden + n * d.squeeze, *active = plan.active + n * d.squeeze;
    multiply_transposed<kImages>(
        w2, c, d.squeeze, dgate, [&](int64_t image, int64_t s, vf total, int count) PW_INLINE_BODY {
          const int64_t at = image * d.squeeze + s;
          const SiluPair pair = silu_pair(load_n(hidden + n * d.squeeze + at, count));
          store_n(active + at, pair.value, count);
          store_n(dhidden + at, total * pair.derivative, count);
        });
    float share[kImages];
    for (int i = 0; i < kImages; ++i) {
      share[i] = 1.0f / static_cast<float>(sites.divisor(n + i, pixels_of(d)));
    }
    multiply_transposed<kImages>(
        w1, d.squeeze, c, dhidden,
        [&](int64_t image, int64_t i, vf total, int count)
            PW_INLINE_BODY { store_n(dpool + (n + image) * c + i, total * share[image], count); });
  }

  // Sums over the images for the channels i .. i + count - 1: those for batch norm, and db2.
  PW_INLINE void channel_sums(int64_t i, int count) const {
    const int64_t c = d.c, plane = d.n * c;
    Wide dz, dz_xhat, bias;
    for (int64_t n = 0; n < d.n; ++n) {
      const int64_t at = n * c + i;
      const vf g = load_n(gate + at, count), p = load_n(dpool + at, count);
      dz.add(g * load_n(gate_sums + plane + at, count) + p * load_n(pooled + plane + at, count));
      dz_xhat.add(g * load_n(gate_sums + 2 * plane + at, count) +
                  p * load_n(pooled + 2 * plane + at, count));
      bias.add(load_n(plan.dgate + at, count));
    }
    store_n(sums + i, dz.scaled(1.0), count);
    store_n(sums + c + i, dz_xhat.scaled(1.0), count);
    add(db2 + i, bias.scaled(1.0), count);
  }

  // out[r][i ...] = sum over n of rows[n][r] * columns[n][i ...], for kRows rows from `r` on.
  template <int kRows>
  PW_INLINE void outer_products(const float *rows, int64_t row_count, const float *columns,
                                int64_t column_count, int64_t r, int64_t i, int count,
                                float *out) const {
    vf total[kRows] = {};
    for (int64_t n = 0; n < d.n; ++n) {
      const vf column = load_n(columns + n * column_count + i, count);
      for (int k = 0; k < kRows; ++k) total[k] += column * rows[n * row_count + r + k];
    }
    for (int k = 0; k < kRows; ++k) add(out + (r + k) * column_count + i, total[k], count);
  }
  PW_INLINE void outer_products(const float *rows, int64_t row_count, int64_t from, int64_t to,
                                const float *columns, int64_t column_count, int64_t i, int count,
                                float *out) const {
    int64_t r = from;
    for (; r + 8 <= to; r += 8) {
      outer_products<8>(rows, row_count, columns, column_count, r, i, count, out);
    }
    for (; r < to; ++r) {
      outer_products<1>(rows, row_count, columns, column_count, r, i, count, out);
    }
  }

  // What the channels [begin, end) have of the parameter gradients, and their sums.
  void channels(int64_t begin, int64_t end) const {
    for_lanes(end - begin, [&](int64_t at, int count) PW_INLINE_BODY {
      channel_sums(begin + at, count);
      outer_products(plan.dhidden, d.squeeze, 0, d.squeeze, pooled, d.c, begin + at, count, dw1);
    });
    for_lanes(d.squeeze, [&](int64_t s, int count) PW_INLINE_BODY {
      outer_products(plan.dgate, d.c, begin, end, plan.active, d.squeeze, s, count, dw2);
    });
  }

  void hidden_bias() const {
    for_lanes(d.squeeze, [&](int64_t s, int count) PW_INLINE_BODY {
      Wide total;
      for (int64_t n = 0; n < d.n; ++n) total.add(load_n(plan.dhidden + n * d.squeeze + s, count));
      add(db1 + s, total.scaled(1.0), count);
    });
  }

  PW_INLINE void add(float *to, vf value, int count) const {
    store_n(to, d.accumulate != 0 ? load_n(to, count) + value : value, count);
  }
};

void squeeze_excite_backward(Pool &pool, const pw_squeeze_excite &d, const float *sites,
                             const float *w1, const float *w2, const float *pooled,
                             const float *hidden, const float *gate, const float *gate_sums,
                             float *dw1, float *db1, float *dw2, float *db2, float *dpool,
                             float *sums, void *workspace) {
  const BackwardPlan plan(d, workspace);
  const Backward job{d,      plan,  Sites(sites, d.n, pixels_of(d)),
                     w1,     w2,    pooled,
                     hidden, gate,  gate_sums,
                     dw1,    db1,   dw2,
                     db2,    dpool, sums};
  for_images(pool, d.n, [&](auto images, int64_t n) { job.images<decltype(images)::value>(n); });
  constexpr int64_t kBlock = 32;
  const int64_t blocks = ceil_div(d.c, kBlock);
  parallel(pool, blocks + 1, [&](int64_t task, int) {
    if (task == blocks) {
      job.hidden_bias();
      return;
    }
    job.channels(task * kBlock, least(d.c, (task + 1) * kBlock));
  });
}

}  // namespace

void fill_squeeze_excite(Kernels &k) {
  k.squeeze_excite_workspace = squeeze_excite_workspace;
  k.squeeze_excite_forward = squeeze_excite_forward;
  k.squeeze_excite_backward = squeeze_excite_backward;
}

}  // namespace pw::PW_ISA
