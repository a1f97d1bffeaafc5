#include "fibers.hpp"

#include <array>
#include <cstdint>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

#ifndef __x86_64__
#error "the emulation switches stacks in x86-64 assembly"
#endif

// Saves the callee-saved registers and switches to a stack that was suspended in the same way.
extern "C" void emulation_change_stack(void** left, void* to);
asm(R"(
.text
.type emulation_change_stack, @function
emulation_change_stack:
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
.size emulation_change_stack, .-emulation_change_stack
)");

namespace emulation {
namespace {

/// The stack of a thread. On entry to a function it is 8 bytes off a multiple of 16.
constexpr std::size_t stack_bytes = std::size_t{1} << 18;

/// A barrier.
struct Meeting {
  unsigned members = 0;
  unsigned arrived = 0;
  unsigned round = 0;
  Work work = nullptr;
  std::array<void*, warp_lanes> lanes{};
};

struct Fiber {
  std::unique_ptr<std::byte[]> stack;
  void* top = nullptr;  ///< stack pointer where it was suspended
  bool done = false;
  const Meeting* waits_for = nullptr;
  unsigned waits_in_round = 0;
};

struct Block {
  std::vector<Fiber> fibers;
  std::vector<Meeting> warps;
  Meeting all;
  unsigned present = 0;
  const std::function<void()>* thread = nullptr;
  void* scheduler = nullptr;  ///< its stack
  const void* scheduler_bottom = nullptr;
  std::size_t scheduler_bytes = 0;
  std::exception_ptr failure;
};
Block block;

void change_stack(void** left, void* to, [[maybe_unused]] const void* bottom,
                  [[maybe_unused]] std::size_t bytes, [[maybe_unused]] bool forever = false) {
#ifdef __SANITIZE_ADDRESS__
  void* fake = nullptr;
  __sanitizer_start_switch_fiber(forever ? nullptr : &fake, bottom, bytes);
  emulation_change_stack(left, to);
  __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#else
  emulation_change_stack(left, to);
#endif
}

void leave(bool forever) {
  change_stack(&block.fibers[block.present].top, block.scheduler, block.scheduler_bottom,
               block.scheduler_bytes, forever);
}

void begin() {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_finish_switch_fiber(nullptr, &block.scheduler_bottom, &block.scheduler_bytes);
#endif
  try {
    (*block.thread)();
  } catch (...) {
    block.failure = std::current_exception();
  }
  block.fibers[block.present].done = true;
  leave(true);
}

void prepare(Fiber& fiber) {
  if (!fiber.stack) fiber.stack = std::make_unique_for_overwrite<std::byte[]>(stack_bytes);
  const auto end = reinterpret_cast<std::uintptr_t>(fiber.stack.get() + stack_bytes) & ~15UL;
  void** top = reinterpret_cast<void**>(end) - 1;  // where begin() would return to: never
  *top = nullptr;
  *--top = reinterpret_cast<void*>(begin);
  fiber.top = top - 6;  // uninitialized registers
  fiber.done = false;
  fiber.waits_for = nullptr;
}

void barrier(Meeting& meeting, unsigned place, void* mine, Work work) {
  if (meeting.arrived > 0 && meeting.work != work)
    throw std::runtime_error("lanes of a warp have diverged at a barrier");
  meeting.work = work;
  if (place < warp_lanes) meeting.lanes[place] = mine;
  if (++meeting.arrived < meeting.members) {
    Fiber& fiber = block.fibers[block.present];
    fiber.waits_for = &meeting;
    fiber.waits_in_round = meeting.round;
    return leave(false);
  }
  if (work != nullptr) work(meeting.lanes.data());
  meeting.arrived = 0;
  ++meeting.round;
}

}  // namespace

void run_block(unsigned count, bool backwards, const std::function<void(unsigned)>& number,
               const std::function<void()>& thread) {
  if (block.fibers.size() < count) block.fibers.resize(count);
  for (unsigned i = 0; i < count; ++i) prepare(block.fibers[i]);
  block.warps.assign((count + warp_lanes - 1) / warp_lanes, {});
  for (unsigned i = 0; i < count; ++i) ++block.warps[i / warp_lanes].members;
  block.all = {};
  block.all.members = count;
  block.thread = &thread;
  for (unsigned left = count; left > 0;) {
    bool moved = false;
    for (unsigned step = 0; step < count; ++step) {
      const unsigned i = backwards ? count - 1 - step : step;
      Fiber& fiber = block.fibers[i];
      if (fiber.done) continue;
      if (fiber.waits_for != nullptr && fiber.waits_for->round == fiber.waits_in_round) continue;
      fiber.waits_for = nullptr;
      block.present = i;
      number(i);
      change_stack(&block.scheduler, fiber.top, fiber.stack.get(), stack_bytes);
      moved = true;
      if (block.failure) std::rethrow_exception(std::exchange(block.failure, nullptr));
      if (fiber.done) --left;
    }
    if (!moved)
      throw std::runtime_error("deadlock: " + std::to_string(left) + " of " +
                               std::to_string(count) + " threads wait at a barrier");
  }
}

void meet_block() {
  barrier(block.all, warp_lanes, nullptr, nullptr);
}

void meet_warp(void* mine, Work work) {
  barrier(block.warps[block.present / warp_lanes], block.present % warp_lanes, mine, work);
}

void require_whole_warp(unsigned mask) {
  if (mask != 0xffffffffU || block.warps[block.present / warp_lanes].members != warp_lanes)
    throw std::runtime_error("the emulation exchanges values only in whole warps");
}

unsigned present_thread() {
  return block.present;
}

}  // namespace emulation
