#pragma once

#include <cstddef>
#include <functional>

/// The threads of a block as fibers: each has its own stack and runs until it waits at a barrier.
namespace emulation {

inline constexpr unsigned warp_lanes = 32;

/// Runs `thread` for each of `count` threads of a block, in forward or backward order; number(i)
/// is called before thread i runs.
/// @throws std::runtime_error on deadlock
void run_block(unsigned count, bool backwards, const std::function<void(unsigned)>& number,
               const std::function<void()>& thread);

/// Barrier of the block.
void meet_block();

/// Barrier of the warp. Each lane passes a pointer; the last lane processes all of them, and they
/// stay valid until all lanes have continued.
using Work = void (*)(void* const* lanes);
void meet_warp(void* mine, Work work);

/// Whole warps only.
void require_whole_warp(unsigned mask);

/// Index of the running thread in its block.
[[nodiscard]] unsigned present_thread();

}  // namespace emulation
