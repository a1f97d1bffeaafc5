#pragma once

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

#include <cuda_runtime.h>

#include "device/cuda/runtime/check.hpp"

namespace annmpi::device::cuda {

/// Blocks that fill any GPU: about twice the number of multiprocessors.
inline constexpr long long enough_blocks = 264;

/// x / y, rounded up.
template <class Integer>
[[nodiscard]] __host__ __device__ constexpr Integer ceil_div(Integer x, Integer y) {
  return (x + y - 1) / y;
}

/// Shared memory limit per block: that of an A100. find_gpu() rejects consumer GPUs of the same
/// generations, which have 99 KiB.
inline constexpr std::size_t most_shared_bytes = 163 << 10;

/// Whether a kernel was not yet launched with this much shared memory.
[[nodiscard]] inline bool needs_more_shared(const void* kernel, std::size_t bytes) {
  static std::vector<std::pair<const void*, std::size_t>> most;  // few kernels are in it
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

/// Launches a kernel with a grid of `blocks`, blocks of `threads` threads, and dynamic shared
/// memory.
template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 blocks, unsigned threads, std::size_t shared_bytes,
            cudaStream_t stream, Arguments&&... arguments) {
  constexpr std::size_t default_limit = 48 << 10;
  if (shared_bytes > most_shared_bytes)
    throw std::logic_error("a kernel uses more shared memory than find_gpu() requires");
  if (shared_bytes > default_limit &&
      needs_more_shared(reinterpret_cast<const void*>(kernel), shared_bytes))
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                               static_cast<int>(shared_bytes)),
          "raising a kernel's shared memory limit");
  cudaLaunchConfig_t config{};
  config.gridDim = blocks;
  config.blockDim = dim3{threads, 1, 1};
  config.dynamicSmemBytes = shared_bytes;
  config.stream = stream;
  check(cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...),
        "launching a kernel");
}

/// Launches a kernel with a grid-stride loop over `elements`.
template <class... Parameters, class... Arguments>
void launch_for_each(void (*kernel)(Parameters...), long long elements, cudaStream_t stream,
                     Arguments&&... arguments) {
  constexpr long long threads = 256;
  constexpr long long most_blocks = 4096;
  if (elements == 0) return;
  const auto blocks = static_cast<unsigned>(std::min(ceil_div(elements, threads), most_blocks));
  launch(kernel, {blocks}, static_cast<unsigned>(threads), 0, stream,
         std::forward<Arguments>(arguments)...);
}

}  // namespace annmpi::device::cuda
