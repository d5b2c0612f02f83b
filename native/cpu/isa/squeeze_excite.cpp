#include "kernels.h"
#include "rows.h"

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
  float *transposed;  // w2 as [squeeze][c]
  float *dgate;       // gradient before the sigmoid [n][c]
  float *active;      // SiLU(hidden) [n][squeeze]
  float *dhidden;     // [n][squeeze]

  BackwardPlan(const pw_squeeze_excite &d, void *workspace)
      : layout(workspace),
        transposed(layout.take(static_cast<int64_t>(d.squeeze) * d.c)),
        dgate(layout.take(static_cast<int64_t>(d.n) * d.c)),
        active(layout.take(static_cast<int64_t>(d.n) * d.squeeze)),
        dhidden(layout.take(static_cast<int64_t>(d.n) * d.squeeze)) {}
};

int64_t squeeze_excite_workspace(int, const pw_squeeze_excite &d, int32_t pass) {
  return pass == PW_FORWARD ? ForwardPlan(d, nullptr).layout.bytes()
                            : BackwardPlan(d, nullptr).layout.bytes();
}

constexpr int64_t kTransposeChannels = 64;

void transpose(const pw_squeeze_excite &d, const float *w2, int64_t block, float *out) {
  const int64_t end = least(d.c, (block + 1) * kTransposeChannels);
  for (int64_t s = 0; s < d.squeeze; ++s) {
    for (int64_t c = block * kTransposeChannels; c < end; ++c)
      out[s * d.c + c] = w2[c * d.squeeze + s];
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
                const float *bn, float *part) {
  std::memset(part, 0, static_cast<size_t>(3 * d.c) * sizeof(float));
  int64_t row = chunks.begin(chunk);
  const int64_t end = chunks.end(chunk);
  for (; row + 4 <= end; row += 4) pool_rows<4>(image + row * d.c, d.c, bn, part);
  for (; row < end; ++row) pool_rows<1>(image + row * d.c, d.c, bn, part);
}

// out[s] = matrix[s] . x, s in [0, rows).
void multiply(const float *matrix, int64_t rows, int64_t c, const float *x, float *out) {
  constexpr int kRows = 4;
  int64_t s = 0;
  for (; s + kRows <= rows; s += kRows) {
    vf total[kRows] = {};
    for_lanes(c, [&](int64_t i, int count) PW_INLINE_BODY {
      const vf value = load_n(x + i, count);
      for (int r = 0; r < kRows; ++r) total[r] += value * load_n(matrix + (s + r) * c + i, count);
    });
    for (int r = 0; r < kRows; ++r) out[s + r] = sum(total[r]);
  }
  for (; s < rows; ++s) {
    vf total{};
    for_lanes(c, [&](int64_t i, int count) PW_INLINE_BODY {
      total += load_n(x + i, count) * load_n(matrix + s * c + i, count);
    });
    out[s] = sum(total);
  }
}

// body(c, sum over s of x[s] * matrix[s][c ...], count) along the channels; four vectors at a time
// hide the latency.
template <class Body>
PW_INLINE void multiply_transposed(const float *matrix, int64_t rows, int64_t c, const float *x,
                                   Body &&body) {
  constexpr int kVectors = 4;
  int64_t i = 0;
  for (; i + kVectors * kLanes <= c; i += kVectors * kLanes) {
    vf total[kVectors] = {};
    for (int64_t s = 0; s < rows; ++s) {
      for (int v = 0; v < kVectors; ++v) total[v] += load(matrix + s * c + i + v * kLanes) * x[s];
    }
    for (int v = 0; v < kVectors; ++v) body(i + v * kLanes, total[v], kLanes);
  }
  for (; i < c; i += kLanes) {
    const int count = static_cast<int>(least(kLanes, c - i));
    vf total{};
    for (int64_t s = 0; s < rows; ++s) total += load_n(matrix + s * c + i, count) * x[s];
    body(i, total, count);
  }
}

void squeeze_excite_forward(Pool &pool, const pw_squeeze_excite &d, const pw_view &x,
                            const float *w1, const float *b1, const float *w2, const float *b2,
                            float *pooled, float *hidden, float *gate, void *workspace) {
  const int64_t c = d.c, pixels = pixels_of(d);
  const ForwardPlan plan(d, workspace);
  const int64_t chunks = plan.chunks.count, pooling = d.n * chunks;
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    const T *data = static_cast<const T *>(x.data);
    parallel(pool, pooling + ceil_div(c, kTransposeChannels), [&](int64_t task, int) {
      if (task >= pooling) {
        transpose(d, w2, task - pooling, plan.transposed);
        return;
      }
      pool_chunk(d, plan.chunks, data + task / chunks * pixels * c, task % chunks, x.bn,
                 plan.parts + task * 3 * c);
    });
  });
  parallel(pool, d.n, [&](int64_t n, int) {
    for (int64_t k = 0; k < 3; ++k) {
      add_up(plan.parts + (n * chunks * 3 + k) * c, chunks, 3 * c, c,
             k == 0 ? 1.0 / static_cast<double>(pixels) : 1.0, pooled + (k * d.n + n) * c);
    }
    float *inner = hidden + n * d.squeeze, *active = plan.active + n * d.squeeze;
    multiply(w1, d.squeeze, c, pooled + n * c, inner);
    for_lanes(d.squeeze, [&](int64_t s, int count) PW_INLINE_BODY {
      const vf z = load_n(inner + s, count) + load_n(b1 + s, count);
      store_n(inner + s, z, count);
      store_n(active + s, silu(z), count);
    });
    multiply_transposed(plan.transposed, d.squeeze, c, active,
                        [&](int64_t i, vf total, int count) PW_INLINE_BODY {
                          store_n(gate + n * c + i, sigmoid(total + load_n(b2 + i, count)), count);
                        });
  });
}

struct Backward {
  const pw_squeeze_excite &d;
  const BackwardPlan &plan;
  const float *w1, *pooled, *hidden, *gate, *gate_sums;
  float *dw1, *db1, *dw2, *db2, *dpool, *sums;

  // Of one image: dgate, dhidden, dpool.
  void image(int64_t n) const {
    const int64_t c = d.c;
    float *dgate = plan.dgate + n * c;
    for_lanes(c, [&](int64_t i, int count) PW_INLINE_BODY {
      const vf g = load_n(gate + n * c + i, count);
      store_n(dgate + i, load_n(gate_sums + n * c + i, count) * (g * (1.0f - g)), count);
    });
    float *dhidden = plan.dhidden + n * d.squeeze, *active = plan.active + n * d.squeeze;
    multiply(plan.transposed, d.squeeze, c, dgate, dhidden);
    for_lanes(d.squeeze, [&](int64_t s, int count) PW_INLINE_BODY {
      const SiluPair pair = silu_pair(load_n(hidden + n * d.squeeze + s, count));
      store_n(active + s, pair.value, count);
      store_n(dhidden + s, load_n(dhidden + s, count) * pair.derivative, count);
    });
    const float share = 1.0f / static_cast<float>(pixels_of(d));
    multiply_transposed(w1, d.squeeze, c, dhidden,
                        [&](int64_t i, vf total, int count)
                            PW_INLINE_BODY { store_n(dpool + n * c + i, total * share, count); });
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

  // dw1[s][i ...] and dw2[i ...][s] for kRows values of s from `s` on.
  template <int kRows>
  PW_INLINE void weights(int64_t s, int64_t i, int count) const {
    const int64_t c = d.c;
    vf first[kRows] = {}, second[kRows] = {};
    for (int64_t n = 0; n < d.n; ++n) {
      const vf p = load_n(pooled + n * c + i, count), g = load_n(plan.dgate + n * c + i, count);
      for (int r = 0; r < kRows; ++r) {
        first[r] += p * plan.dhidden[n * d.squeeze + s + r];
        second[r] += g * plan.active[n * d.squeeze + s + r];
      }
    }
    for (int r = 0; r < kRows; ++r) {
      add(dw1 + (s + r) * c + i, first[r], count);
      for (int l = 0; l < count; ++l) {
        float *to = dw2 + (i + l) * d.squeeze + s + r;
        *to = d.accumulate != 0 ? *to + second[r][l] : second[r][l];
      }
    }
  }

  PW_INLINE void channels(int64_t i, int count) const {
    channel_sums(i, count);
    int64_t s = 0;
    for (; s + 4 <= d.squeeze; s += 4) weights<4>(s, i, count);
    for (; s < d.squeeze; ++s) weights<1>(s, i, count);
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

void squeeze_excite_backward(Pool &pool, const pw_squeeze_excite &d, const float *w1,
                             const float *w2, const float *pooled, const float *hidden,
                             const float *gate, const float *gate_sums, float *dw1, float *db1,
                             float *dw2, float *db2, float *dpool, float *sums, void *workspace) {
  const BackwardPlan plan(d, workspace);
  const Backward job{d, plan, w1, pooled, hidden, gate, gate_sums, dw1, db1, dw2, db2, dpool, sums};
  parallel(pool, ceil_div(d.c, kTransposeChannels),
           [&](int64_t block, int) { transpose(d, w2, block, plan.transposed); });
  parallel(pool, d.n, [&](int64_t n, int) { job.image(n); });
  constexpr int64_t kBlock = 32;
  const int64_t blocks = ceil_div(d.c, kBlock);
  parallel(pool, blocks + 1, [&](int64_t task, int) {
    if (task == blocks) {
      job.hidden_bias();
      return;
    }
    const int64_t first = task * kBlock;
    for_lanes(least(kBlock, d.c - first),
              [&](int64_t i, int count) PW_INLINE_BODY { job.channels(first + i, count); });
  });
}

}  // namespace

void fill_squeeze_excite(Kernels &k) {
  k.squeeze_excite_workspace = squeeze_excite_workspace;
  k.squeeze_excite_forward = squeeze_excite_forward;
  k.squeeze_excite_backward = squeeze_excite_backward;
}

}  // namespace pw::PW_ISA
