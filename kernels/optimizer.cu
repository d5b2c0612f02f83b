// AdamW over parameters in many pieces. Their descriptions travel as parameters of the launch, some
// at a time, so that a captured step needs no copy of them.
#include "fill.h"
#include "gpu.h"

namespace pw {
namespace {

// Fits the 4 KiB that a launch's parameters may take.
constexpr int kPieces = 48;
constexpr int64_t kElements = 8192;  // of a block

template <class Piece>
struct Some {
  Piece piece[kPieces];
  int64_t block[kPieces + 1];  // first block of a piece
  int count;
};

template <class Piece>
int64_t blocks_of(const Piece &piece) {
  return ceil_div(piece.count, kElements);
}

// body(some pieces, number of the first block) until all have had their turn.
template <class Piece, class Body>
void in_groups(const Pieces<Piece> &pieces, Body &&body) {
  int64_t first_block = 0;
  for (int64_t at = 0; at < pieces.count; at += kPieces) {
    Some<Piece> some{};
    some.count = static_cast<int>(least(kPieces, pieces.count - at));
    for (int i = 0; i < some.count; ++i) {
      some.piece[i] = pieces.piece[at + i];
      some.block[i + 1] = some.block[i] + blocks_of(some.piece[i]);
    }
    const int64_t blocks = some.block[some.count];
    if (blocks > 0) body(some, first_block, blocks);
    first_block += blocks;
  }
}

// The part of a piece that this block works on.
struct Range {
  int piece;
  int64_t from, to;
};
template <class Piece>
PW_GPU Range range_of(const Some<Piece> &some) {
  int p = 0;
  while (p + 1 < some.count && static_cast<int64_t>(blockIdx.x) >= some.block[p + 1]) ++p;
  const int64_t from = (static_cast<int64_t>(blockIdx.x) - some.block[p]) * kElements;
  return {p, from, least(some.piece[p].count, from + kElements)};
}

PW_GPU const float *gradient_of(const pw_vector &v) { return v.data; }
PW_GPU const float *gradient_of(const pw_parameter &p) { return p.gradient; }

// Squares of a block's elements, in double from the first addition on.
template <class Piece>
PW_GPU void sum_squares(const Some<Piece> &some, const Range &range, Global<double> parts,
                        int64_t part) {
  const Shared<double> shared(0, kThreads);
  const Global<const float> gradient(gradient_of(some.piece[range.piece]),
                                     some.piece[range.piece].count);
  double sum = 0;
  for (int64_t i = range.from + threadIdx.x; i < range.to; i += kThreads) {
    sum += static_cast<double>(gradient[i]) * static_cast<double>(gradient[i]);
  }
  shared.set(threadIdx.x, sum);
  __syncthreads();
  if (threadIdx.x != 0) return;
  double total = 0;
  for (int t = 0; t < kThreads; ++t) total += shared.get(t);
  parts[part] = total;
}

__global__ void norm_parts(Some<pw_vector> some, int64_t first_block, Global<double> parts) {
  sum_squares(some, range_of(some), parts, first_block + blockIdx.x);
}

// One block adds them up.
__global__ void finish_norm(Global<const double> parts, int64_t count, Global<float> norm) {
  const Shared<double> shared(0, kThreads);
  double sum = 0;
  for (int64_t i = threadIdx.x; i < count; i += kThreads) sum += parts[i];
  shared.set(threadIdx.x, sum);
  __syncthreads();
  if (threadIdx.x != 0) return;
  double total = 0;
  for (int t = 0; t < kThreads; ++t) total += shared.get(t);
  norm[0] = static_cast<float>(sqrt(total));
}

__global__ void adamw_pieces(Some<pw_parameter> some, int64_t first_block, pw_adamw d,
                             Global<const pw_step> steps, Global<const float> norm,
                             Global<double> parts) {
  const Range range = range_of(some);
  if (parts != nullptr) sum_squares(some, range, parts, first_block + blockIdx.x);
  const pw_parameter &p = some.piece[range.piece];
  const Global<const float> gradient(p.gradient, p.count);
  const Global<float> value(p.value, p.count), m(p.m, p.count), v(p.v, p.count),
      ema(p.ema, p.count);
  const pw_step step = steps[0];
  const double rate = static_cast<double>(step.learning_rate) * static_cast<double>(p.rate);
  // Written so that a norm that is not a number reaches the parameters.
  const float clip = d.clip_norm == 0 || norm[0] <= d.clip_norm ? 1.0f : d.clip_norm / norm[0];
  const float rest1 = static_cast<float>(1.0 - static_cast<double>(d.beta1));
  const float rest2 = static_cast<float>(1.0 - static_cast<double>(d.beta2));
  const float pace = static_cast<float>(rate / static_cast<double>(step.bias1));
  const float bias2 = static_cast<float>(1.0 / sqrt(static_cast<double>(step.bias2)));
  const float decay = static_cast<float>(1.0 - rate * static_cast<double>(p.weight_decay));
  const float rest_ema = static_cast<float>(1.0 - static_cast<double>(step.ema_decay));
  for (int64_t i = range.from + threadIdx.x; i < range.to; i += kThreads) {
    const float g = gradient[i] * clip;
    const float first = d.beta1 * m[i] + rest1 * g;
    const float second = d.beta2 * v[i] + rest2 * (g * g);
    const float updated = value[i] * decay - pace * (first / (sqrtf(second) * bias2 + d.eps));
    m[i] = first;
    v[i] = second;
    value[i] = updated;
    if (ema != nullptr) ema[i] = step.ema_decay * ema[i] + rest_ema * updated;
  }
}

template <class Piece>
int64_t all_blocks(const Pieces<Piece> &pieces) {
  int64_t blocks = 0;
  for (int64_t i = 0; i < pieces.count; ++i) blocks += blocks_of(pieces.piece[i]);
  return blocks;
}

constexpr int64_t kSharedBytes = kThreads * static_cast<int64_t>(sizeof(double));

// A part for each block: no more than there are groups of kPieceStart elements.
int64_t norm_workspace(int64_t elements) { return 8 * most(1, ceil_div(elements, kPieceStart)); }

void gradient_norm(Pool &pool, const Pieces<pw_vector> &vectors, float *norm, void *workspace) {
  const int64_t blocks = all_blocks(vectors);
  const Global<double> parts = output<double>(workspace, blocks);
  in_groups(vectors, [&](const Some<pw_vector> &some, int64_t first, int64_t count) {
    launch(pool, {count, kThreads, kSharedBytes}, norm_parts, some, first, parts);
  });
  launch(pool, {1, kThreads, kSharedBytes}, finish_norm, input<double>(workspace, blocks), blocks,
         output<float>(norm, 1));
}

void adamw_step(Pool &pool, const pw_adamw &d, const pw_step *step, const float *norm,
                const Pieces<pw_parameter> &parameters, float *measured, void *workspace) {
  const int64_t blocks = all_blocks(parameters);
  const Global<double> parts =
      measured != nullptr ? output<double>(workspace, blocks) : Global<double>();
  in_groups(parameters, [&](const Some<pw_parameter> &some, int64_t first, int64_t count) {
    launch(pool, {count, kThreads, kSharedBytes}, adamw_pieces, some, first, d,
           input<pw_step>(step, 1), input<float>(norm, 1), parts);
  });
  if (measured != nullptr) {
    launch(pool, {1, kThreads, kSharedBytes}, finish_norm, input<double>(workspace, blocks), blocks,
           output<float>(measured, 1));
  }
}

struct Average {
  Global<const pw_step> step;
  Global<const float> value;
  Global<float> average;
  PW_GPU void operator()(int64_t i) const {
    const float keep = step[0].ema_decay;
    average[i] = keep * average[i] + (1 - keep) * value[i];
  }
};

void average(Pool &pool, int64_t count, const pw_step *step, const float *value, float *to) {
  if (count == 0) return;
  each(pool, count,
       Average{input<pw_step>(step, 1), input<float>(value, count), output<float>(to, count)});
}

}  // namespace

void fill_optimizer(Kernels &k) {
  k.gradient_norm_workspace = norm_workspace;
  k.gradient_norm = gradient_norm;
  k.adamw_step = adamw_step;
  k.average = average;
}

}  // namespace pw
