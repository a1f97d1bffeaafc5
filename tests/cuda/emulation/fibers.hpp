#pragma once

#include <cstddef>
#include <functional>

/// The threads of a block as fibers: each has a stack of its own and runs until it waits for
/// others.
namespace emulation {

inline constexpr unsigned warp_lanes = 32;

/// Runs `thread` for each thread of a block, `count` of them, after number(i) said which one it is:
/// from the first to the last, or backwards.
/// @throws std::runtime_error where threads wait for others that never come.
void run_block(unsigned count, bool backwards, const std::function<void(unsigned)>& number,
               const std::function<void()>& thread);

/// Waits for all threads of the block.
void meet_block();

/// Waits for all lanes of the warp. What they hand in, pointers to whatever the last one of them
/// then works on, lies there until all have left.
using Work = void (*)(void* const* lanes);
void meet_warp(void* mine, Work work);

/// Only whole warps meet here.
void require_whole_warp(unsigned mask);

/// Which thread of its block this is.
[[nodiscard]] unsigned present_thread();

}  // namespace emulation
