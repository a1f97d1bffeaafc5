#pragma once

// Emulates the part of the CUDA runtime that the GPU module uses. Device memory is host memory,
// streams execute lazily (streams.hpp), and the threads of a kernel run one by one on the host
// (fibers.hpp). So the module's sources are tested without a GPU: results, memory accesses (under
// the address sanitizer), barriers, and the number of runtime calls. It says nothing about speed,
// and detects races only where they show with threads in forward and backward order and with
// streams that run as late as possible.

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <tuple>
#include <utility>

#include "../calls.hpp"
#include "fibers.hpp"
#include "streams.hpp"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __shared__ static  // blocks run one after the other
#define __launch_bounds__(...)
#define __restrict__ __restrict

struct uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
struct dim3 {
  unsigned x = 1, y = 1, z = 1;
};
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) {
  return {x, y, z, w};
}
inline uint2 make_uint2(unsigned x, unsigned y) {
  return {x, y};
}

inline dim3 threadIdx, blockIdx, blockDim, gridDim;  // of the running thread

// Errors, streams, events, memory.
enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorNotReady = 600,
  cudaErrorStreamCaptureUnsupported = 900,
  cudaErrorStreamCaptureInvalidated = 901
};
inline const char* cudaGetErrorName(cudaError_t) {
  return "an error of the emulation";
}
inline const char* cudaGetErrorString(cudaError_t) {
  return "emulated CUDA error";
}
using cudaStream_t = CUstream_st*;
using cudaEvent_t = CUevent_st*;
using cudaGraph_t = CUgraph_st*;
using cudaGraphExec_t = CUgraphExec_st*;
enum { cudaStreamNonBlocking = 1, cudaEventDisableTiming = 2 };
enum { cudaHostAllocDefault = 0, cudaHostRegisterDefault = 0 };
enum cudaStreamCaptureMode { cudaStreamCaptureModeThreadLocal };
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamQuery(cudaStream_t stream);
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags = 0);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventQuery(cudaEvent_t event);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode);
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph);
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* made, cudaGraph_t graph,
                                 unsigned long long flags);
cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t stream);
cudaError_t cudaGraphDestroy(cudaGraph_t graph);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph);
inline cudaError_t cudaSetDevice(int) {
  return cudaSuccess;
}
inline cudaError_t cudaGetLastError() {
  return cudaSuccess;
}

namespace emulation {
/// Allocates memory filled with values that are neither 0 nor plausible.
[[nodiscard]] void* allocate(std::size_t bytes);
void release(void* memory);
}  // namespace emulation

template <class T>
cudaError_t cudaMalloc(T** memory, std::size_t bytes) {
  *memory = nullptr;
  if (!emulation::may_wait()) return cudaErrorStreamCaptureUnsupported;
  *memory = static_cast<T*>(emulation::allocate(bytes));
  return *memory != nullptr ? cudaSuccess : cudaErrorMemoryAllocation;
}
template <class T>
cudaError_t cudaHostAlloc(T** memory, std::size_t bytes, unsigned) {
  const cudaError_t result = cudaMalloc(memory, bytes);
  if (result == cudaSuccess) emulation::pin(*memory, bytes);
  return result;
}
inline cudaError_t cudaMallocHost(void** memory, std::size_t bytes) {
  return cudaHostAlloc(memory, bytes, cudaHostAllocDefault);
}
inline cudaError_t cudaHostRegister(void* memory, std::size_t bytes, unsigned) {
  emulation::pin(memory, bytes);
  return cudaSuccess;
}
inline cudaError_t cudaHostUnregister(void* memory) {
  emulation::unpin(memory);
  return cudaSuccess;
}
inline cudaError_t cudaFree(void* memory) {
  emulation::finish_all();
  emulation::release(memory);
  return cudaSuccess;
}
inline cudaError_t cudaFreeHost(void* memory) {
  emulation::unpin(memory);
  return cudaFree(memory);
}
inline cudaError_t cudaMemGetInfo(std::size_t* available, std::size_t* total) {
  *available = *total = std::size_t{1} << 36;
  return cudaSuccess;
}

enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice };
cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from,
                              std::size_t from_pitch, std::size_t width, std::size_t height,
                              cudaMemcpyKind kind, cudaStream_t stream);
inline cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes,
                                   cudaMemcpyKind kind, cudaStream_t stream) {
  return cudaMemcpy2DAsync(to, bytes, from, bytes, bytes, 1, kind, stream);
}
inline cudaError_t cudaMemsetAsync(void* memory, int value, std::size_t bytes,
                                   cudaStream_t stream) {
  ++annmpi::tests::calls().memsets;
  emulation::give(stream, [=] { std::memset(memory, value, bytes); });
  return cudaSuccess;
}

// Kernels.
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize };
struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  std::size_t dynamicSmemBytes = 0;
  cudaStream_t stream = nullptr;
  void* attrs = nullptr;
  unsigned numAttrs = 0;
};

namespace emulation {
void allow_shared_memory(const void* kernel, std::size_t bytes);
/// Runs all threads of all blocks in stream order; rejects launches that a GPU would reject.
[[nodiscard]] cudaError_t run_grid(const cudaLaunchConfig_t& config, const void* kernel,
                                   std::function<void()> thread);
}  // namespace emulation

template <class... Parameters>
cudaError_t cudaFuncSetAttribute(void (*kernel)(Parameters...), cudaFuncAttribute, int bytes) {
  emulation::allow_shared_memory(reinterpret_cast<const void*>(kernel),
                                 static_cast<std::size_t>(bytes));
  return cudaSuccess;
}
template <class... Parameters, class... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               Arguments&&... arguments) {
  return emulation::run_grid(*config, reinterpret_cast<const void*>(kernel),
                             [kernel, given = std::tuple<Parameters...>(Parameters(arguments)...)] {
                               std::apply(kernel, given);
                             });
}

// Device functions.
inline void __syncthreads() {
  emulation::meet_block();
}
inline void __syncwarp() {
  emulation::meet_warp(nullptr, [](void* const*) {});
}
inline void __threadfence() {}
inline void __threadfence_system() {}

template <class T>
T __shfl_xor_sync(unsigned mask, T value, int distance) {
  emulation::require_whole_warp(mask);
  struct Lane {
    T value, given;
    int distance;
  } mine{value, {}, distance};
  emulation::meet_warp(&mine, [](void* const* lanes) {
    for (int i = 0; i < 32; ++i) {
      auto* const lane = static_cast<Lane*>(lanes[i]);
      lane->given = static_cast<const Lane*>(lanes[i ^ lane->distance])->value;
    }
  });
  return mine.given;
}

template <class T>
T atomicAdd(T* to, T value) {
  return std::exchange(*to, static_cast<T>(*to + value));
}

template <class T>
T atomicMax(T* to, T value) {
  return std::exchange(*to, *to < value ? value : *to);
}

inline float __fmaf_rn(float x, float y, float z) {
  return std::fma(x, y, z);
}
inline float __uint_as_float(unsigned bits) {
  return std::bit_cast<float>(bits);
}
inline unsigned __float_as_uint(float x) {
  return std::bit_cast<unsigned>(x);
}
inline double __dadd_rn(double x, double y) {
  return x + y;
}
inline double __dmul_rn(double x, double y) {
  return x * y;
}
inline double __fma_rn(double x, double y, double z) {
  return std::fma(x, y, z);
}
inline long long __double2ll_rn(double x) {  // saturating, as on the GPU
  if (!(std::abs(x) < 0x1p63))
    return x > 0 ? std::numeric_limits<long long>::max() : std::numeric_limits<long long>::min();
  return std::llrint(x);
}
inline double __ll2double_rn(long long x) {
  return static_cast<double>(x);
}
inline double __longlong_as_double(long long x) {
  return std::bit_cast<double>(x);
}
inline long long __double_as_longlong(double x) {
  return std::bit_cast<long long>(x);
}
inline unsigned __byte_perm(unsigned low, unsigned high, unsigned selector) {
  const std::uint64_t both = static_cast<std::uint64_t>(high) << 32 | low;
  unsigned result = 0;
  for (unsigned i = 0; i < 4; ++i)
    result |= static_cast<unsigned>(both >> (selector >> 4 * i & 7) * 8 & 0xff) << 8 * i;
  return result;
}
template <class T>
T __ldg(const T* from) {
  return *from;
}
using std::exp;
using std::fabs;
using std::log;
using std::log1p;
using std::sqrt;
using std::tanh;
