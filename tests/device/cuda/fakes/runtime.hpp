#pragma once

#include <cstddef>

#include <cuda_runtime.h>

/// Results of the fake CUDA runtime in runtime.cpp, which replaces the library in tests. Device
/// memory is host memory.
namespace annmpi::tests {

struct FakeGpus {
  cudaError_t count_status = cudaSuccess;
  int count = 1;
  int major = 9;
  std::size_t shared_bytes = 227 << 10;      ///< per block
  cudaError_t context_status = cudaSuccess;  ///< of the first call that needs a context
  bool busy = false;                         ///< streams and events are not complete
  int chosen = -1;                           ///< argument of cudaSetDevice
};

inline FakeGpus fake_gpus;

}  // namespace annmpi::tests
