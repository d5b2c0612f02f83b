// Counts what emulated kernels read and write.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <vector>

#include "emulation.h"

namespace pw::emulation {
namespace {

constexpr int64_t kSector = 32;

const char *table_file() { return std::getenv("PIXELWAKE_EMULATION_TRAFFIC"); }

struct Counts {
  int64_t read = 0, written = 0;                  // bytes asked for
  int64_t sectors_read = 0, sectors_written = 0;  // touched by a launch at all
};

struct Kind {
  int64_t launches = 0, blocks = 0, shared_bytes = 0;
  int threads = 0;
  Counts counts;
};

// A piece of device memory; for each of its sectors the last launch that read or wrote it.
struct Memory {
  int64_t bytes = 0;
  std::vector<uint32_t> read, written;
};

struct Traffic {
  std::map<uintptr_t, Memory> memories;
  std::map<std::string, Kind> kinds;
  Kind *now = nullptr;
  uint32_t launch = 0;
  // Where the last access was.
  uintptr_t begin = 0;
  Memory *memory = nullptr;

  ~Traffic() {
    if (!traffic_counted) return;
    std::FILE *const file = std::fopen(table_file(), "w");
    if (file == nullptr) {
      std::fprintf(stderr, "cannot write %s\n", table_file());
      return;
    }
    std::fputs(
        "launches\tblocks\tthreads\tshared_bytes\tread\twritten\tsectors_read\t"
        "sectors_written\tkernel\n",
        file);
    for (const auto &[name, k] : kinds) {
      std::fprintf(file, "%lld\t%lld\t%d\t%lld\t%lld\t%lld\t%lld\t%lld\t%s\n",
                   static_cast<long long>(k.launches), static_cast<long long>(k.blocks), k.threads,
                   static_cast<long long>(k.shared_bytes), static_cast<long long>(k.counts.read),
                   static_cast<long long>(k.counts.written),
                   static_cast<long long>(k.counts.sectors_read),
                   static_cast<long long>(k.counts.sectors_written), name.c_str());
    }
    std::fclose(file);
  }
};

Traffic &traffic() {
  static Traffic all;
  return all;
}

}  // namespace

const bool traffic_counted = table_file() != nullptr;

void count_traffic(const void *place, int64_t bytes, bool written) {
  Traffic &t = traffic();
  if (t.now == nullptr) return;
  const auto at = reinterpret_cast<uintptr_t>(place);
  if (t.memory == nullptr || at < t.begin ||
      at >= t.begin + static_cast<uintptr_t>(t.memory->bytes)) {
    auto after = t.memories.upper_bound(at);
    if (after == t.memories.begin()) return;
    --after;
    if (at >= after->first + static_cast<uintptr_t>(after->second.bytes)) return;
    t.begin = after->first;
    t.memory = &after->second;
  }
  Counts &counts = t.now->counts;
  (written ? counts.written : counts.read) += bytes;
  std::vector<uint32_t> &seen = written ? t.memory->written : t.memory->read;
  const auto from = static_cast<int64_t>(at - t.begin) / kSector;
  const auto to = (static_cast<int64_t>(at - t.begin) + bytes - 1) / kSector;
  for (int64_t s = from; s <= to; ++s) {
    uint32_t &last = seen[static_cast<size_t>(s)];
    if (last == t.launch) continue;
    last = t.launch;
    (written ? counts.sectors_written : counts.sectors_read) += kSector;
  }
}

void add_memory(const void *memory, int64_t bytes) {
  if (!traffic_counted) return;
  const auto sectors = static_cast<size_t>((bytes + kSector - 1) / kSector);
  traffic().memories[reinterpret_cast<uintptr_t>(memory)] = {bytes, std::vector<uint32_t>(sectors),
                                                             std::vector<uint32_t>(sectors)};
  traffic().memory = nullptr;
}

void drop_memory(const void *memory) {
  if (!traffic_counted) return;
  traffic().memories.erase(reinterpret_cast<uintptr_t>(memory));
  traffic().memory = nullptr;
}

Launch::Launch(const char *kind, int64_t blocks, int threads, int64_t shared_bytes) {
  if (!traffic_counted) return;
  Traffic &t = traffic();
  t.now = &t.kinds[kind];
  ++t.launch;
  ++t.now->launches;
  t.now->blocks += blocks;
  t.now->threads = std::max(t.now->threads, threads);
  t.now->shared_bytes = std::max(t.now->shared_bytes, shared_bytes);
}

Launch::~Launch() {
  if (traffic_counted) traffic().now = nullptr;
}

}  // namespace pw::emulation
