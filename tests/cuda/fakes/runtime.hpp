#pragma once

#include <cstddef>

#include <cuda_runtime.h>

/// What the CUDA runtime's functions in runtime.cpp do: they stand for the library in tests of what
/// the module makes of their answers. FullBatchDevice memory is host memory.
namespace annmpi::tests {

struct FakeGpus {
  cudaError_t count_status = cudaSuccess;
  int count = 1;
  int major = 9;
  std::size_t shared_bytes = 227 << 10;      ///< of a block
  cudaError_t context_status = cudaSuccess;  ///< of the first call that needs a context
  bool busy = false;                         ///< streams have work left, events are not reached
  int chosen = -1;                           ///< by cudaSetDevice
};

inline FakeGpus fake_gpus;

}  // namespace annmpi::tests
