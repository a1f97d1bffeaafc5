#pragma once

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

#include <cuda_runtime.h>

#include "device/cuda/runtime/check.hpp"

namespace annmpi::device::cuda {

/// Blocks that keep any GPU busy: about twice its multiprocessors.
inline constexpr long long enough_blocks = 264;

/// Shared memory that kernels may ask for in a block: what an A100 has, an H100 more. GPUs for
/// graphics of the same years have 99 KiB and are refused (find_gpu).
inline constexpr std::size_t most_shared_bytes = 163 << 10;

/// Whether a kernel was never launched with so much shared memory before.
[[nodiscard]] inline bool asks_for_more(const void* kernel, std::size_t bytes) {
  static std::vector<std::pair<const void*, std::size_t>> most;  // of the few kernels that ask
  const auto known = std::find_if(most.begin(), most.end(),
                                  [&](const auto& entry) { return entry.first == kernel; });
  if (known == most.end())
    most.emplace_back(kernel, bytes);
  else if (bytes > known->second)
    known->second = bytes;
  else
    return false;
  return true;
}

/// Gives a stream a kernel to run: `blocks` blocks of `threads` threads with so many bytes of
/// shared memory.
template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 blocks, unsigned threads, std::size_t shared_bytes,
            cudaStream_t stream, Arguments&&... arguments) {
  constexpr std::size_t without_asking = 48 << 10;
  if (shared_bytes > most_shared_bytes)
    throw std::logic_error("a kernel asks for more shared memory than GPUs must have");
  if (shared_bytes > without_asking &&
      asks_for_more(reinterpret_cast<const void*>(kernel), shared_bytes))
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                               static_cast<int>(shared_bytes)),
          "asking for shared memory");
  cudaLaunchConfig_t config{};
  config.gridDim = blocks;
  config.blockDim = dim3{threads, 1, 1};
  config.dynamicSmemBytes = shared_bytes;
  config.stream = stream;
  check(cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...),
        "starting a kernel");
}

/// How many blocks of so many things there are.
template <class Integer>
[[nodiscard]] constexpr Integer parts_of(Integer things, Integer in_a_part) {
  return (things + in_a_part - 1) / in_a_part;
}

/// The same for a kernel that goes through so many elements, whatever the number of its threads.
template <class... Parameters, class... Arguments>
void launch_for_each(void (*kernel)(Parameters...), long long elements, cudaStream_t stream,
                     Arguments&&... arguments) {
  constexpr long long threads = 256;
  constexpr long long most_blocks = 4096;
  if (elements == 0) return;
  const auto blocks = static_cast<unsigned>(std::min(parts_of(elements, threads), most_blocks));
  launch(kernel, {blocks}, static_cast<unsigned>(threads), 0, stream,
         std::forward<Arguments>(arguments)...);
}

}  // namespace annmpi::device::cuda
