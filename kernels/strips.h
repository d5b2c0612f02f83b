// How depthwise kernels go over images: a block walks down a strip of one. Of 32 channels, a lane
// each, it keeps the rows that the stencil meets in shared memory, transformed once as they arrive;
// a warp makes four columns of results. Rows are copied there in 16 bytes, steps ahead of their
// use.
#pragma once

#include "geometry.h"

namespace pw {

constexpr int kLanes = 32;       // channels of a block
constexpr int kWarpColumns = 4;  // columns of results of a warp
constexpr int kMostWarps = 8;    // of a block
constexpr int kStages = 3;       // steps of rows on their way
constexpr int64_t kStripBlocks = 4096;

// How results meet values: result o meets value o stride + k - pad (plain, strided by 2), or value
// i with o = 2 i + k - pad (scattered, the transpose of strided).
enum class Mode { kPlain, kStrided, kScattered };

template <int kKernel, Mode kHow>
struct Stencil {
  static constexpr int kKernelSize = kKernel, kPad = (kKernel - 1) / 2;
  static constexpr Mode kMode = kHow;
  // Rows of results of a step; an even number where scattered.
  static constexpr int kStepRows = kMode == Mode::kStrided ? 1 : 2;

  // The first value that result 0 meets.
  static constexpr int kFirst = kMode == Mode::kScattered ? -((kKernel - 1 - kPad) / 2) : -kPad;
  // Values that `count` results meet, counted from an even result on.
  PW_BOTH static constexpr int values(int count) {
    if (kMode == Mode::kScattered) return (count - 1 + kPad) / 2 - kFirst + 1;
    return moved(count - 1) + kKernel;
  }
  // Values from one (even) result to another.
  PW_BOTH static constexpr int moved(int results) {
    return kMode == Mode::kScattered ? results / 2 : results * (kMode == Mode::kStrided ? 2 : 1);
  }
  // Which of values(...) result o meets in row or column k of the kernel; negative where none.
  PW_BOTH static constexpr int met(int o, int k) {
    if (kMode != Mode::kScattered) return moved(o) + k;
    const int twice = o + kPad - k;
    return twice % 2 != 0 ? -1 : twice / 2 - kFirst;
  }

  static constexpr int kStepValues = moved(kStepRows);  // rows that a step adds
  // Steps of rows beyond its own that a step's results meet.
  static constexpr int kLead = (values(kStepRows) - 1) / kStepValues;
  // One step of rows is written while others are read.
  static constexpr int kHeldRows = (kLead + 2) * kStepValues;
};

// Strips of results of all images, and the values that they are made of. A block takes a run of
// strips.
struct Strips {
  int64_t n, c;
  int64_t h, w;          // of the values
  int64_t out_h, out_w;  // of the results
  int warps;             // of a block
  int64_t per_row;       // strips beside each other
  int64_t run;

  Strips(int64_t n, int64_t c, int64_t h, int64_t w, int64_t out_h, int64_t out_w, Mode mode,
         int64_t blocks)
      : n(n), c(c), h(h), w(w), out_h(out_h), out_w(out_w) {
    const int64_t tiles = ceil_div(out_w, kWarpColumns);
    per_row = ceil_div(tiles, mode == Mode::kStrided ? kMostWarps / 2 : kMostWarps);
    warps = static_cast<int>(ceil_div(tiles, per_row));
    run = ceil_div(n * per_row, most(1, least(n * per_row, blocks / slices())));
  }

  PW_BOTH int columns() const { return warps * kWarpColumns; }
  PW_BOTH int64_t slices() const { return (c + kLanes - 1) / kLanes; }
  PW_BOTH int64_t runs() const { return (n * per_row + run - 1) / run; }
  PW_BOTH int64_t first(int64_t block) const { return block * run; }
  PW_BOTH int64_t end(int64_t block) const { return least(n * per_row, (block + 1) * run); }
  PW_BOTH int threads() const { return warps * 32; }
  int64_t blocks() const { return runs() * slices(); }
};

// What a thread works on.
struct Place {
  int64_t block;  // run of strips
  int64_t channel0, channel;
  int lane, warp;
  int64_t image = 0, column0 = 0;  // of the strip

  PW_GPU explicit Place(const Strips &s)
      : block(blockIdx.x / s.slices()),
        channel0(blockIdx.x % s.slices() * kLanes),
        lane(static_cast<int>(threadIdx.x) % 32),
        warp(static_cast<int>(threadIdx.x) / 32) {
    channel = channel0 + lane;
  }
  PW_GPU void begin(const Strips &s, int64_t strip) {
    image = strip / s.per_row;
    column0 = strip % s.per_row * s.columns();
  }
  // take(row, column, element) for the thread's results of a step that there are.
  template <class Take>
  PW_GPU void each_result(const Strips &s, int64_t step, int rows, Take &&take) const {
    if (channel >= s.c) return;
    const int64_t row0 = step * rows, first = column0 + warp * kWarpColumns;
    const int64_t at = ((image * s.out_h + row0) * s.out_w + first) * s.c + channel;
    PW_UNROLL
    for (int r = 0; r < rows; ++r) {
      PW_UNROLL
      for (int c = 0; c < kWarpColumns; ++c) {
        if (row0 + r < s.out_h && first + c < s.out_w) {
          take(r, c, at + (r * s.out_w + c) * s.c);
        }
      }
    }
  }
};

// The rows of a strip in shared memory: on their way, as they lie in device memory, kSources
// tensors of type T; and transformed.
template <class T, int kSources, class S>
struct RowsHeld {
  int columns;  // of values
  int stage;    // elements of a step of a source

  PW_BOTH explicit RowsHeld(const Strips &s)
      : columns(S::values(s.columns())), stage(S::kStepValues * columns * kLanes) {}

  PW_BOTH int64_t raw_count() const { return static_cast<int64_t>(kSources) * kStages * stage; }
  PW_BOTH int64_t held_count() const {
    return static_cast<int64_t>(S::kHeldRows) * columns * kLanes;
  }
  PW_GPU Shared<T> raw() const { return {0, raw_count()}; }
  PW_GPU Shared<float> held() const {
    return {raw_count() * static_cast<int64_t>(sizeof(T)), held_count()};
  }
  int64_t bytes() const {
    return raw_count() * static_cast<int64_t>(sizeof(T)) +
           held_count() * static_cast<int64_t>(sizeof(float));
  }
};

// Brings the rows of a strip into shared memory and has the results made, step by step.
template <class T, int kSources, class S>
class Feed {
 public:
  PW_GPU Feed(const Strips &s, const Place &place, const Global<const T> (&sources)[kSources])
      : s_(s), rows_(s), place_(place), sources_(sources) {
    column0_ = S::kFirst + S::moved(static_cast<int>(place.column0));
  }

  // value(raw values of an element, row of the tensor) is what is held of it; early(step) and
  // make(step) are called for every step of results, early before the rows of the step are waited
  // for.
  template <class Value, class Early, class Make>
  PW_GPU void run(Value &&value, Early &&early, Make &&make) const {
    PW_UNROLL
    for (int i = 0; i < kStages; ++i) begin(i);
    PW_UNROLL
    for (int i = 0; i < S::kLead; ++i) {
      copies_wait<kStages - 1>();
      __syncthreads();
      hold(i, value);
      __syncthreads();
      begin(i + kStages);
    }
    copies_wait<kStages - 1>();
    __syncthreads();
    const int64_t steps = (s_.out_h + S::kStepRows - 1) / S::kStepRows;
    for (int64_t step = 0; step < steps; ++step) {
      early(step);
      hold(step + S::kLead, value);
      // The next step's rows, which others will read.
      copies_wait<kStages - 2>();
      __syncthreads();
      begin(step + S::kLead + kStages);
      make(step);
    }
  }

  // take(row, column, ky, kx, value) for all that kRows x kWarpColumns results of a step meet.
  template <int kRows, class Take>
  PW_GPU void meet(int64_t step, Take &&take) const {
    constexpr int kKernel = S::kKernelSize, kColumns = S::values(kWarpColumns);
    const Shared<float> held = rows_.held();
    const int first = S::moved(place_.warp * kWarpColumns) * kLanes + place_.lane;
    PW_UNROLL
    for (int row = 0; row < S::values(kRows); ++row) {
      const int at = held_row(step * S::kStepValues + row) + first;
      float v[kColumns];
      PW_UNROLL
      for (int i = 0; i < kColumns; ++i) v[i] = held.get(at + i * kLanes);
      PW_UNROLL
      for (int r = 0; r < kRows; ++r) {
        PW_UNROLL
        for (int ky = 0; ky < kKernel; ++ky) {
          if (S::met(r, ky) != row) continue;
          PW_UNROLL
          for (int c = 0; c < kWarpColumns; ++c) {
            PW_UNROLL
            for (int kx = 0; kx < kKernel; ++kx) {
              if (S::met(c, kx) >= 0) take(r, c, ky, kx, v[S::met(c, kx)]);
            }
          }
        }
      }
    }
  }

 private:
  PW_GPU bool inside(int64_t y, int64_t x) const {
    return y >= 0 && y < s_.h && x >= 0 && x < s_.w;
  }
  PW_GPU int held_row(int64_t row) const {
    return static_cast<int>(row % S::kHeldRows) * rows_.columns * kLanes;
  }
  PW_GPU int raw_row(int source, int64_t step, int row) const {
    const int stage = source * kStages + static_cast<int>(step % kStages);
    return stage * rows_.stage + row * rows_.columns * kLanes;
  }

  // Begins to copy a step of rows; those outside of the image are left out.
  PW_GPU void begin(int64_t step) const {
    if (s_.c % kPack<T> == 0) {
      begin_in<kPack<T>>(step);
    } else {
      begin_in<1>(step);
    }
    copies_commit();
  }
  template <int kWidth>
  PW_GPU void begin_in(int64_t step) const {
    constexpr int kGroups = kLanes / kWidth;
    const Shared<T> raw = rows_.raw();
    const int per_row = rows_.columns * kGroups;
    for (int v = static_cast<int>(threadIdx.x); v < S::kStepValues * per_row; v += s_.threads()) {
      const int row = v / per_row, column = v % per_row / kGroups, channel = v % kGroups * kWidth;
      const int64_t y = S::kFirst + step * S::kStepValues + row, x = column0_ + column;
      if (!inside(y, x) || place_.channel0 + channel >= s_.c) continue;
      const int64_t from =
          ((place_.image * s_.h + y) * s_.w + x) * s_.c + place_.channel0 + channel;
      PW_UNROLL
      for (int k = 0; k < kSources; ++k) {
        if (!sources_[k]) continue;
        const int to = raw_row(k, step, row) + column * kLanes + channel;
        if constexpr (kWidth == 1) {
          raw.set(to, sources_[k][from]);
        } else {
          raw.copy_async(to, sources_[k], from);
        }
      }
    }
  }

  // Transforms a step of rows.
  template <class Value>
  PW_GPU void hold(int64_t step, Value &&value) const {
    const Shared<T> raw = rows_.raw();
    const Shared<float> held = rows_.held();
    for (int row = 0; row < S::kStepValues; ++row) {
      const int64_t at = step * S::kStepValues + row;
      const int to = held_row(at) + place_.lane;
      for (int column = place_.warp; column < rows_.columns; column += s_.warps) {
        float v = 0;
        if (place_.channel < s_.c && inside(S::kFirst + at, column0_ + column)) {
          float of[kSources] = {};
          PW_UNROLL
          for (int k = 0; k < kSources; ++k) {
            if (!sources_[k]) continue;
            of[k] = to_float(raw.get(raw_row(k, step, row) + column * kLanes + place_.lane));
          }
          v = value(of, (place_.image * s_.h + S::kFirst + at) * s_.w + column0_ + column);
        }
        held.set(to + column * kLanes, v);
      }
    }
  }

  const Strips &s_;
  RowsHeld<T, kSources, S> rows_;
  const Place &place_;
  const Global<const T> (&sources_)[kSources];
  int64_t column0_;
};

}  // namespace pw
