// What lies between an image of few channels and a map of half its side and many: pixel (i, j) of
// the map meets pixels (2 i + ky - 1, 2 j + kx - 1) of the image with weights [map's
// channel][image's channel][ky][kx], gone through in one direction or the other.
#pragma once

#include "inputs.h"
#include "moments.h"

namespace pw {

constexpr int kTileRows = 8, kTileColumns = 32;  // of the map, a thread a pixel
constexpr int kTilePixels = kTileRows * kTileColumns;
static_assert(kTilePixels == kThreads);
constexpr int kTaps = 9;
constexpr int kImageRows = 2 * kTileRows + 1, kImageColumns = 2 * kTileColumns + 1;
constexpr int64_t kBlocks = 1024;
constexpr int kMostMapChannels = 96;

struct MapTiles {
  int n, h, w;   // of the map
  int channels;  // likewise
  int run = 1;   // tiles of a block

  MapTiles(int64_t n, int64_t h, int64_t w, int64_t channels)
      : n(static_cast<int>(n)),
        h(static_cast<int>(h)),
        w(static_cast<int>(w)),
        channels(static_cast<int>(channels)) {
    run = static_cast<int>(ceil_div(count(), least(count(), kBlocks)));
  }
  PW_BOTH int across() const { return (w + kTileColumns - 1) / kTileColumns; }
  PW_BOTH int down() const { return (h + kTileRows - 1) / kTileRows; }
  PW_BOTH int count() const { return n * down() * across(); }
  PW_BOTH int blocks() const { return (count() + run - 1) / run; }
  PW_BOTH int end() const {
    return static_cast<int>(least(count(), (static_cast<int>(blockIdx.x) + 1) * run));
  }
};

// A tile's place.
struct MapPlace {
  int image, row0, column0;

  PW_GPU MapPlace(const MapTiles &t, int tile)
      : image(tile / (t.down() * t.across())),
        row0(tile / t.across() % t.down() * kTileRows),
        column0(tile % t.across() * kTileColumns) {}
  PW_GPU bool inside(const MapTiles &t, int row, int column) const {
    return row0 + row < t.h && column0 + column < t.w;
  }
  // Row of the map's matrix of pixels.
  PW_GPU int64_t pixel(const MapTiles &t, int row, int column) const {
    return (static_cast<int64_t>(image) * t.h + row0 + row) * t.w + column0 + column;
  }
};

// The part of the image that a tile meets, zero outside, as [row][column][channel] of f32.
template <int kChannels>
constexpr int kImageCount = kImageRows *kImageColumns *kChannels;
PW_GPU int image_at(int row, int column, int channels) {
  return (row * kImageColumns + column) * channels;
}
template <int kChannels, class T>
PW_GPU void load_image(const MapTiles &t, const MapPlace &p, const Global<const T> &image,
                       const Shared<float> &to) {
  constexpr int kRow = kImageColumns * kChannels;
  for (int i = static_cast<int>(threadIdx.x); i < kImageCount<kChannels>; i += kThreads) {
    const int row = 2 * p.row0 - 1 + i / kRow;
    const int column = 2 * p.column0 - 1 + i % kRow / kChannels;
    const bool inside = row >= 0 && row < 2 * t.h && column >= 0 && column < 2 * t.w;
    const int64_t pixel = (static_cast<int64_t>(p.image) * 2 * t.h + row) * 2 * t.w + column;
    to.set(i, inside ? image.at(pixel * kChannels + i % kChannels) : 0.0f);
  }
}

// A tile of the map and kMore rows and columns behind it, transformed, as [pixel][pitch] of f32.
template <int kMore, class T, class Source>
PW_GPU void load_map(const MapTiles &t, const MapPlace &p, const Source &source,
                     const Shared<float> &to, int pitch) {
  constexpr int kN = kPack<T>, kColumns = kTileColumns + kMore;
  const int groups = t.channels / kN;
  for (int i = static_cast<int>(threadIdx.x); i < (kTileRows + kMore) * kColumns * groups;
       i += kThreads) {
    const int pixel = i / groups, channel = i % groups * kN;
    const int row = pixel / kColumns, column = pixel % kColumns;
    float values[kN] = {};
    if (p.inside(t, row, column)) {
      const Source from = source.moved(p.pixel(t, row, column));
      from.template finish<kN>(from.template fetch<kN>(0, channel), 0, channel, values);
    }
    PW_UNROLL
    for (int k = 0; k < kN; ++k) to.set(pixel * pitch + channel + k, values[k]);
  }
}

// ---- from the image to the map ----

// A thread's channels of a tile of results, 16 bytes of them, and its pixels.
template <class T>
struct Share {
  int channel, turn, turns;

  PW_GPU explicit Share(const MapTiles &t) {
    const int groups = t.channels / kPack<T>;
    channel = static_cast<int>(threadIdx.x) % groups * kPack<T>;
    turn = static_cast<int>(threadIdx.x) / groups;
    turns = kThreads / groups;
  }
  PW_GPU bool used() const { return turn < turns; }
  // take(pixel of the tile, row of the map's matrix)
  template <class Take>
  PW_GPU void each_pixel(const MapTiles &t, const MapPlace &p, Take &&take) const {
    if (!used()) return;
    for (int pixel = turn; pixel < kTilePixels; pixel += turns) {
      const int row = pixel / kTileColumns, column = pixel % kTileColumns;
      if (p.inside(t, row, column)) take(pixel, p.pixel(t, row, column));
    }
  }
};

// Writes the map as a convolution's output, with its moments.
template <class T>
struct OutputMap {
  static constexpr int kN = kPack<T>;
  struct State {
    Moments moments[kN];
  };
  Global<T> y;
  Global<const float> bias;
  MomentParts parts;

  PW_GPU State begin(const Share<T> &, const MapTiles &) const { return {}; }
  PW_GPU void put(State &state, int64_t row, int channel, int channels,
                  const float (&values)[kN]) const {
    Pack<T, kN> pack;
    PW_UNROLL
    for (int k = 0; k < kN; ++k) {
      pw::put(pack.v[k], bias != nullptr ? values[k] + bias[channel + k] : values[k]);
      state.moments[k].add(to_float(pack.v[k]));
    }
    y.template store<kN>(row * channels + channel, pack);
  }
  PW_GPU void end(const State &state, const Share<T> &share, const MapTiles &t) const {
    if (!parts.wanted()) return;
    leave_moments(parts, 0, share.turns, t.channels, share.turn, share.channel, blockIdx.x, 0,
                  state.moments);
  }
  static int64_t end_bytes(const MapTiles &t) {
    return 3 * static_cast<int64_t>(kThreads / (t.channels / kN)) * t.channels * 4;
  }
};

// Writes the map as the gradient of a convolution's input, with its sums, [block][kMostSums][c].
template <class T>
struct GradientMap {
  static constexpr int kN = kPack<T>;
  struct State {
    Norm<kN> norm;
    float sums[kN][kMostSums];
  };
  InputGradient<T> to;
  Global<float> parts;

  PW_GPU State begin(const Share<T> &share, const MapTiles &) const {
    State state{};
    if (input_sums_of(to.x.kind) > 0) state.norm = Norm<kN>(to.x.bn, share.channel, to.x.c);
    return state;
  }
  PW_GPU void put(State &state, int64_t row, int channel, int channels,
                  const float (&values)[kN]) const {
    const int64_t at = row * channels + channel;
    Pack<T, kN> raw{}, more{}, stored;
    if (input_sums_of(to.x.kind) > 0) raw = to.x.data.template load<kN>(at);
    if (to.addend != nullptr) more = to.addend.template load<kN>(at);
    PW_UNROLL
    for (int k = 0; k < kN; ++k) {
      const float v = to_float(raw.v[k]), z = state.norm.z(k, v);
      const float g = values[k] + to_float(more.v[k]);
      pw::put(stored.v[k], to.x.kind == PW_BN_SILU ? g * silu_slope(z) : g);
      add_input_sums(to.x.kind, z, state.norm.xhat(k, v), to_float(stored.v[k]), state.sums[k]);
    }
    to.dx.template store<kN>(at, stored);
  }
  PW_GPU void end(const State &state, const Share<T> &share, const MapTiles &t) const {
    if (input_sums_of(to.x.kind) == 0) return;
    const Shared<float> all(0, share.turns * kMostSums * t.channels);
    if (share.used()) {
      PW_UNROLL
      for (int k = 0; k < kN; ++k) {
        PW_UNROLL
        for (int q = 0; q < kMostSums; ++q) {
          all.set((share.turn * kMostSums + q) * t.channels + share.channel + k, state.sums[k][q]);
        }
      }
    }
    __syncthreads();
    const int columns = kMostSums * t.channels;
    for (int i = static_cast<int>(threadIdx.x); i < columns; i += kThreads) {
      float total = 0;
      for (int turn = 0; turn < share.turns; ++turn) total += all.get(turn * columns + i);
      parts[static_cast<int64_t>(blockIdx.x) * columns + i] = total;
    }
  }
  static int64_t end_bytes(const MapTiles &t) {
    return static_cast<int64_t>(kThreads / (t.channels / kN)) * kMostSums * t.channels * 4;
  }
};

// Results lie first, then the image, then the weights as [image's channel][tap][map's channel].
PW_BOTH inline int results_pitch(const MapTiles &t) { return t.channels + 4; }
template <int kChannels, class Map>
int64_t to_map_bytes(const MapTiles &t) {
  const int64_t floats = kTilePixels * results_pitch(t) + round_up(kImageCount<kChannels>, 4) +
                         kTaps * kChannels * t.channels;
  return most(floats * 4, Map::end_bytes(t));
}

template <int kChannels, class T, class Map>
__global__ void __launch_bounds__(kThreads, 2)
    image_to_map(MapTiles t, Global<const T> image, Global<const float> weight, Map map) {
  constexpr int kTerms = kTaps * kChannels, kN = kPack<T>;
  const int thread = static_cast<int>(threadIdx.x), pitch = results_pitch(t);
  const int64_t image_begin = kTilePixels * static_cast<int64_t>(pitch) * 4;
  const Shared<float> results(0, kTilePixels * pitch), part(image_begin, kImageCount<kChannels>);
  const Shared<float> weights(image_begin + (kImageCount<kChannels> + 3) / 4 * 16,
                              kTerms * t.channels);
  for (int i = thread; i < kTerms * t.channels; i += kThreads) {
    weights.set(i, weight[i % t.channels * kTerms + i / t.channels]);
  }
  const Share<T> share(t);
  typename Map::State state = map.begin(share, t);
  for (int tile = static_cast<int>(blockIdx.x) * t.run; tile < t.end(); ++tile) {
    const MapPlace p(t, tile);
    load_image<kChannels>(t, p, image, part);
    __syncthreads();
    float met[kTerms];
    PW_UNROLL
    for (int tap = 0; tap < kTaps; ++tap) {
      const int at = image_at(thread / kTileColumns * 2 + tap / 3,
                              thread % kTileColumns * 2 + tap % 3, kChannels);
      PW_UNROLL
      for (int k = 0; k < kChannels; ++k) met[k * kTaps + tap] = part.get(at + k);
    }
    PW_ROLLED
    for (int c = 0; c < t.channels; c += 4) {
      Pack<float, 4> sum{};
      PW_UNROLL
      for (int s = 0; s < kTerms; ++s) {
        const Pack<float, 4> w = weights.load<4>(s * t.channels + c);
        PW_UNROLL
        for (int k = 0; k < 4; ++k) sum.v[k] += met[s] * w.v[k];
      }
      results.store<4>(thread * pitch + c, sum);
    }
    __syncthreads();
    share.each_pixel(t, p, [&](int pixel, int64_t row) {
      float values[kN];
      PW_UNROLL
      for (int k = 0; k < kN; ++k) values[k] = results.get(pixel * pitch + share.channel + k);
      map.put(state, row, share.channel, t.channels, values);
    });
    __syncthreads();
  }
  map.end(state, share, t);
}

// ---- from the map to the image ----

constexpr int kHaloPixels = (kTileRows + 1) * (kTileColumns + 1);

// Weights as [map's channel][terms], rounded up to 16 bytes.
template <int kChannels>
constexpr int kTermsPitch = (kTaps * kChannels + 3) / 4 * 4;
// An odd pitch: neighbouring pixels meet different banks.
PW_BOTH inline int map_pitch(const MapTiles &t) { return t.channels + 1; }
template <int kChannels>
int64_t to_image_bytes(const MapTiles &t) {
  return 4 * (round_up(kHaloPixels * map_pitch(t), 4) + kTermsPitch<kChannels> * t.channels +
              4 * kTilePixels * kChannels);
}

template <int kChannels, class T>
__global__ void __launch_bounds__(kThreads, 2)
    map_to_image(MapTiles t, View<T> map, Global<const float> weight, Global<const float> bias,
                 Global<T> image) {
  constexpr int kTerms = kTaps * kChannels, kPitch = kTermsPitch<kChannels>;
  constexpr int kRow = 2 * kTileColumns * kChannels;
  const int thread = static_cast<int>(threadIdx.x), pitch = map_pitch(t);
  const int64_t weights_begin = (kHaloPixels * static_cast<int64_t>(pitch) + 3) / 4 * 16;
  const Shared<float> values(0, kHaloPixels * pitch), weights(weights_begin, kPitch * t.channels);
  const Shared<float> results(weights_begin + kPitch * t.channels * 4, 4 * kTilePixels * kChannels);
  for (int i = thread; i < kPitch * t.channels; i += kThreads) {
    const int term = i % kPitch;
    weights.set(i, term < kTerms ? weight[i / kPitch * kTerms + term] : 0.0f);
  }
  const int row = thread / kTileColumns, column = thread % kTileColumns;
  for (int tile = static_cast<int>(blockIdx.x) * t.run; tile < t.end(); ++tile) {
    const MapPlace p(t, tile);
    load_map<1, T>(t, p, map, values, pitch);
    __syncthreads();
    // Of the image's pixels (2 i, 2 j), (2 i, 2 j + 1), (2 i + 1, 2 j), (2 i + 1, 2 j + 1).
    float sum[4][kChannels] = {};
    PW_ROLLED
    for (int c = 0; c < t.channels; ++c) {
      const int at = (row * (kTileColumns + 1) + column) * pitch + c;
      const float here = values.get(at), right = values.get(at + pitch);
      const float below = values.get(at + (kTileColumns + 1) * pitch);
      const float beyond = values.get(at + (kTileColumns + 2) * pitch);
      float w[kPitch];
      PW_UNROLL
      for (int i = 0; i < kPitch; i += 4) {
        const Pack<float, 4> pack = weights.load<4>(c * kPitch + i);
        PW_UNROLL
        for (int k = 0; k < 4; ++k) w[i + k] = pack.v[k];
      }
      PW_UNROLL
      for (int k = 0; k < kChannels; ++k) {
        const float *const of = w + k * kTaps;
        sum[0][k] += of[4] * here;
        sum[1][k] += of[3] * right + of[5] * here;
        sum[2][k] += of[1] * below + of[7] * here;
        sum[3][k] += of[0] * beyond + of[2] * below + of[6] * right + of[8] * here;
      }
    }
    PW_UNROLL
    for (int q = 0; q < 4; ++q) {
      PW_UNROLL
      for (int k = 0; k < kChannels; ++k) {
        results.set((2 * row + q / 2) * kRow + (2 * column + q % 2) * kChannels + k, sum[q][k]);
      }
    }
    __syncthreads();
    for (int i = thread; i < 4 * kTilePixels * kChannels; i += kThreads) {
      const int y = i / kRow, x = i % kRow;
      if (!p.inside(t, y / 2, x / kChannels / 2)) continue;
      const int64_t pixel =
          (static_cast<int64_t>(p.image) * 2 * t.h + 2 * p.row0 + y) * 2 * t.w + 2 * p.column0;
      const float value = results.get(i);
      image.set(pixel * kChannels + x, bias != nullptr ? value + bias[x % kChannels] : value);
    }
    __syncthreads();
  }
}

// ---- the weights' gradient ----

// A thread has two of the map's channels and one of the image's, and every kSplits-th pixel.
struct OuterPlan {
  int pairs, splits;

  PW_BOTH OuterPlan(const MapTiles &t, int channels) : pairs(t.channels / 2), splits(0) {
    splits = kThreads / (pairs * channels);
  }
  int64_t parts(const MapTiles &t) const { return static_cast<int64_t>(t.blocks()) * splits; }
};
// An even pitch: pairs are loaded at once.
PW_BOTH inline int pair_pitch(const MapTiles &t) { return t.channels + 2; }
template <int kChannels>
int64_t outer_bytes(const MapTiles &t) {
  return 4 * (static_cast<int64_t>(kTilePixels) * pair_pitch(t) + kImageCount<kChannels>);
}

// Leaves [block][split][map's channel][image's channel][tap].
template <int kChannels, class T, class Source>
__global__ void __launch_bounds__(kThreads, 2)
    outer_products(MapTiles t, Source map, Global<const T> image, Global<float> parts) {
  const OuterPlan plan(t, kChannels);
  const int thread = static_cast<int>(threadIdx.x), pitch = pair_pitch(t);
  const Shared<float> values(0, kTilePixels * pitch);
  const Shared<float> part(kTilePixels * static_cast<int64_t>(pitch) * 4, kImageCount<kChannels>);
  const int pair = thread % plan.pairs, channel = thread / plan.pairs % kChannels;
  const int split = thread / plan.pairs / kChannels;
  float sum[2][kTaps] = {};
  for (int tile = static_cast<int>(blockIdx.x) * t.run; tile < t.end(); ++tile) {
    const MapPlace p(t, tile);
    load_map<0, T>(t, p, map, values, pitch);
    load_image<kChannels>(t, p, image, part);
    __syncthreads();
    for (int pixel = split; split < plan.splits && pixel < kTilePixels; pixel += plan.splits) {
      const Pack<float, 2> of_map = values.load<2>(pixel * pitch + 2 * pair);
      const int row = pixel / kTileColumns * 2, column = pixel % kTileColumns * 2;
      PW_UNROLL
      for (int tap = 0; tap < kTaps; ++tap) {
        const float v = part.get(image_at(row + tap / 3, column + tap % 3, kChannels) + channel);
        sum[0][tap] += of_map.v[0] * v;
        sum[1][tap] += of_map.v[1] * v;
      }
    }
    __syncthreads();
  }
  if (split >= plan.splits) return;
  const int64_t at = static_cast<int64_t>(blockIdx.x) * plan.splits + split;
  PW_UNROLL
  for (int i = 0; i < 2; ++i) {
    PW_UNROLL
    for (int tap = 0; tap < kTaps; ++tap) {
      parts[((at * t.channels + 2 * pair + i) * kChannels + channel) * kTaps + tap] = sum[i][tap];
    }
  }
}

}  // namespace pw
