#include "emulation.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <vector>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace pw::emulation {
namespace {

// ---- fibers ----

// A stack with the registers that a call must preserve; switching is a call that returns elsewhere.
// ucontext would do the same with two system calls.
#if defined(__x86_64__)
extern "C" void pw_emulation_switch(void **from, void *to);
asm(R"(
.text
.globl pw_emulation_switch
.hidden pw_emulation_switch
.type pw_emulation_switch, @function
pw_emulation_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size pw_emulation_switch, .-pw_emulation_switch
)");

class Context {
 public:
  void prepare(char *stack, size_t bytes, void (*entry)()) {
    // Aligned as at a function's entry, where the return address has just been pushed.
    auto top = (reinterpret_cast<uintptr_t>(stack) + bytes) & ~uintptr_t{15};
    void **slots = reinterpret_cast<void **>(top) - 2;
    slots[0] = reinterpret_cast<void *>(entry);
    slots[1] = nullptr;
    pointer_ = slots - 6;
    std::memset(pointer_, 0, 6 * sizeof(void *));
  }
  void resume(Context &from) { pw_emulation_switch(&from.pointer_, pointer_); }

 private:
  void *pointer_ = nullptr;
};
#else
class Context {
 public:
  void prepare(char *stack, size_t bytes, void (*entry)()) {
    getcontext(&context_);
    context_.uc_stack.ss_sp = stack;
    context_.uc_stack.ss_size = bytes;
    context_.uc_link = nullptr;
    makecontext(&context_, entry, 0);
  }
  void resume(Context &from) { swapcontext(&from.context_, &context_); }

 private:
  ucontext_t context_{};
};
#endif

// ---- a block ----

enum class State { kReady, kBarrier, kWarpBarrier, kDone };

constexpr size_t kStack = 64 << 10;

struct Copy {
  int64_t to;
  const void *from;
};

struct Fiber {
  Context context;
  Thread thread;
  State state = State::kReady;
  const char *file = "";  // where it waits
  int line = 0;
  std::vector<Copy> copies;               // begun, in no group yet
  std::vector<std::vector<Copy>> groups;  // closed, not waited for
};

struct Warp {
  // Twice, as a lane may give its next value while others still look at the last ones.
  alignas(64) char values[2][kWarp * kMostExchange];
  int exchanges = 0;
};

// Who touched a word of shared memory last.
struct Access {
  int thread = -1, block_epoch = 0, warp_epoch = 0;
};
struct Word {
  Access write, reads[2];
};

struct alignas(16) Aligned {
  char bytes[16];
};

// Not filled in advance: the memory of a launch's stacks is far more than its threads touch.
using Stack = std::unique_ptr<char[]>;

// Stacks of launches that are over, which the next ones of this host thread use again.
thread_local std::vector<Stack> free_stacks;

struct Block {
  ~Block() {
    for (Stack &stack : stacks) free_stacks.push_back(std::move(stack));
  }

  const std::function<void()> *kernel = nullptr;
  std::vector<Fiber> fibers;
  std::vector<Warp> warps;
  std::vector<Stack> stacks;
  std::vector<Aligned> shared;
  int64_t shared_bytes = 0;
  std::vector<Word> words;
  Context scheduler;
  Fiber *now = nullptr;
  std::exception_ptr failure;
};

thread_local Block *running = nullptr;

Stack take_stack() {
  if (free_stacks.empty()) return std::make_unique_for_overwrite<char[]>(kStack);
  Stack stack = std::move(free_stacks.back());
  free_stacks.pop_back();
  return stack;
}

std::string name(const Thread &t) {
  return "thread " + std::to_string(t.index) + " of block " + std::to_string(t.block.x);
}

void yield() {
  Block &block = *running;
  block.scheduler.resume(block.now->context);
}

// Never returns: the scheduler does not resume a fiber that is done or whose block has failed.
void fiber_main() {
  Block &block = *running;
  try {
    (*block.kernel)();
  } catch (...) {
    block.failure = std::current_exception();
  }
  block.now->state = State::kDone;
  yield();
}

void wait(State state, const char *file, int line) {
  Fiber &fiber = *running->now;
  fiber.state = state;
  fiber.file = file;
  fiber.line = line;
  yield();
}

std::string place(const Fiber &fiber) {
  return fiber.state == State::kDone
             ? name(fiber.thread) + " has left the kernel"
             : name(fiber.thread) + " waits at " + fiber.file + ":" + std::to_string(fiber.line);
}

// Lets the fibers [from, to) go on if all of them wait in the same state at the same place. Returns
// whether it did; throws where they never will.
bool release(Block &block, size_t from, size_t to, State state, bool whole_block) {
  const Fiber &first = block.fibers[from];
  bool any = false, all = true;
  for (size_t i = from; i < to; ++i) {
    any |= block.fibers[i].state == state;
    all &= block.fibers[i].state == state;
  }
  if (!any) return false;
  if (!all) return false;
  for (size_t i = from; i < to; ++i) {
    Fiber &fiber = block.fibers[i];
    if (fiber.line != first.line || std::strcmp(fiber.file, first.file) != 0) {
      throw Fault("divergent barrier: " + place(first) + ", " + place(fiber));
    }
  }
  for (size_t i = from; i < to; ++i) {
    Fiber &fiber = block.fibers[i];
    fiber.state = State::kReady;
    if (whole_block) {
      ++fiber.thread.block_epoch;
    } else {
      ++fiber.thread.warp_epoch;
    }
  }
  return true;
}

// Every thread waits or is done, and nobody can be let go.
[[noreturn]] void report_divergence(const Block &block) {
  const Fiber *waiting = nullptr, *other = nullptr;
  for (const Fiber &fiber : block.fibers) {
    if (fiber.state != State::kDone && waiting == nullptr) waiting = &fiber;
  }
  for (const Fiber &fiber : block.fibers) {
    const bool differs = fiber.state != waiting->state || fiber.line != waiting->line;
    if (differs && other == nullptr) other = &fiber;
  }
  throw Fault("divergent barrier: " + place(*waiting) + ", " +
              (other != nullptr ? place(*other) : "and its warp is not whole"));
}

void schedule(Block &block) {
  const size_t threads = block.fibers.size();
  for (;;) {
    bool ran = false;
    for (Fiber &fiber : block.fibers) {
      if (fiber.state != State::kReady) continue;
      block.now = &fiber;
      fiber.context.resume(block.scheduler);
      ran = true;
      if (block.failure) std::rethrow_exception(block.failure);
    }
    const bool done = std::all_of(block.fibers.begin(), block.fibers.end(),
                                  [](const Fiber &f) { return f.state == State::kDone; });
    if (done) return;
    bool released = false;
    for (size_t from = 0; from < threads; from += kWarp) {
      const size_t to = std::min(threads, from + kWarp);
      released |= release(block, from, to, State::kWarpBarrier, false);
    }
    released |= release(block, 0, threads, State::kBarrier, true);
    if (!ran && !released) report_divergence(block);
  }
}

bool ordered(const Access &before, const Thread &t) {
  if (before.thread < 0 || before.thread == t.index || before.block_epoch != t.block_epoch) {
    return true;
  }
  return before.thread / kWarp == t.index / kWarp && before.warp_epoch != t.warp_epoch;
}

Access access_of(const Thread &t) { return {t.index, t.block_epoch, t.warp_epoch}; }

[[noreturn]] void race(const char *what, const Access &before, const Thread &t, int64_t at) {
  throw Fault(std::string("unsynchronised shared memory: ") + name(t) + what +
              std::to_string(before.thread) + " with no barrier between, at byte " +
              std::to_string(at));
}

char *shared_at(int64_t at, int64_t bytes) {
  Block &block = *running;
  if (at < 0 || at + bytes > block.shared_bytes) {
    out_of_bounds("byte of shared memory", at, block.shared_bytes);
  }
  return reinterpret_cast<char *>(block.shared.data()) + at;
}

}  // namespace

Thread &current() { return running->now->thread; }

void run(int64_t blocks, int threads, int64_t shared_bytes, const std::function<void()> &kernel) {
  if (threads < 1 || threads > kMostThreads || blocks < 1 || blocks > INT32_MAX) {
    throw Fault("a launch of " + std::to_string(blocks) + " blocks of " + std::to_string(threads) +
                " threads");
  }
  Block block;
  block.kernel = &kernel;
  block.fibers.resize(static_cast<size_t>(threads));
  block.warps.resize(static_cast<size_t>((threads + kWarp - 1) / kWarp));
  for (int t = 0; t < threads; ++t) block.stacks.push_back(take_stack());
  block.shared.resize(static_cast<size_t>((shared_bytes + 15) / 16));
  block.shared_bytes = shared_bytes;
  Block *const outer = running;
  running = &block;
  try {
    for (int64_t b = 0; b < blocks; ++b) {
      std::memset(block.shared.data(), 0xff, block.shared.size() * sizeof(Aligned));
      block.words.assign(static_cast<size_t>((shared_bytes + 3) / 4), Word{});
      for (int t = 0; t < threads; ++t) {
        Fiber &fiber = block.fibers[static_cast<size_t>(t)];
        fiber = Fiber{};
        fiber.thread.index = t;
        fiber.thread.thread.x = static_cast<unsigned>(t);
        fiber.thread.thread.y = fiber.thread.thread.z = 0;
        fiber.thread.block = {static_cast<unsigned>(b), 0, 0};
        fiber.thread.threads = {static_cast<unsigned>(threads), 1, 1};
        fiber.thread.blocks = {static_cast<unsigned>(blocks), 1, 1};
        fiber.context.prepare(block.stacks[static_cast<size_t>(t)].get(), kStack, fiber_main);
      }
      for (Warp &warp : block.warps) warp.exchanges = 0;
      schedule(block);
    }
  } catch (...) {
    running = outer;
    throw;
  }
  running = outer;
}

void barrier(const char *file, int line) { wait(State::kBarrier, file, line); }
void warp_barrier(const char *file, int line) { wait(State::kWarpBarrier, file, line); }

const void *exchange(const void *value, int bytes, const char *file, int line) {
  Thread &t = current();
  Warp &warp = running->warps[static_cast<size_t>(t.index / kWarp)];
  char *const values = warp.values[t.warp_epoch % 2];
  std::memcpy(values + t.index % kWarp * kMostExchange, value, static_cast<size_t>(bytes));
  warp_barrier(file, line);
  return values;
}

void *shared_read(int64_t at, int64_t bytes) {
  char *const p = shared_at(at, bytes);
  const Thread &t = current();
  for (int64_t w = at / 4; w < (at + bytes + 3) / 4; ++w) {
    Word &word = running->words[static_cast<size_t>(w)];
    if (!ordered(word.write, t)) race(" reads what was written by thread ", word.write, t, at);
    if (word.reads[0].thread != t.index) word.reads[1] = word.reads[0];
    word.reads[0] = access_of(t);
  }
  return p;
}

void *shared_write(int64_t at, int64_t bytes) {
  char *const p = shared_at(at, bytes);
  const Thread &t = current();
  for (int64_t w = at / 4; w < (at + bytes + 3) / 4; ++w) {
    Word &word = running->words[static_cast<size_t>(w)];
    // Halves of a word may belong to two threads.
    if (bytes >= 4) {
      if (!ordered(word.write, t)) race(" writes what was written by thread ", word.write, t, at);
      for (const Access &read : word.reads) {
        if (!ordered(read, t)) race(" writes what was read by thread ", read, t, at);
      }
    }
    word.write = access_of(t);
  }
  return p;
}

void copy_async(int64_t to, const void *from) {
  require_aligned(shared_at(to, 16), 16);
  std::memset(shared_write(to, 16), 0xff, 16);
  running->now->copies.push_back({to, from});
}

void copies_commit() {
  Fiber &fiber = *running->now;
  fiber.groups.push_back(std::move(fiber.copies));
  fiber.copies.clear();
}

void copies_wait(int groups) {
  auto &begun = running->now->groups;
  while (static_cast<int>(begun.size()) > groups) {
    for (const Copy &copy : begun.front()) std::memcpy(shared_write(copy.to, 16), copy.from, 16);
    begun.erase(begun.begin());
  }
}

void require_aligned(const void *place, size_t bytes) {
  if (reinterpret_cast<uintptr_t>(place) % bytes == 0) return;
  throw Fault("misaligned access of " + std::to_string(bytes) + " bytes, by " + name(current()));
}

void out_of_bounds(const char *what, int64_t index, int64_t count) {
  throw Fault(std::string("out of bounds: ") + what + " " + std::to_string(index) + " of " +
              std::to_string(count) + ", by " +
              (running != nullptr ? name(current()) : std::string("the host")));
}

}  // namespace pw::emulation
