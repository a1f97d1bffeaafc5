#include "benchmarks/counted_runtime.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <cxxabi.h>

#include "device/cuda/calls.hpp"
#include "device/cuda/runtime/check.hpp"

// Wraps the CUDA runtime: with -Wl,--wrap=f the linker resolves f() to __wrap_f(), and __real_f()
// to f().
namespace annmpi::tests {
namespace {

using device::cuda::check;

struct Pair {
  const void* kernel;  ///< null: none
  cudaEvent_t begin, end;
};
bool timing = false;
std::vector<Pair> pairs;

Pair begin_pair(const void* kernel, cudaStream_t stream) {
  Pair pair{kernel, nullptr, nullptr};
  check(cudaEventCreate(&pair.begin), "making an event");
  check(cudaEventCreate(&pair.end), "making an event");
  check(cudaEventRecord(pair.begin, stream), "recording an event");
  return pair;
}

double microseconds(const Pair& pair) {
  float ms = 0;
  check(cudaEventSynchronize(pair.end), "waiting for an event");
  check(cudaEventElapsedTime(&ms, pair.begin, pair.end), "reading the time");
  return 1e3 * static_cast<double>(ms);
}

/// "void annmpi::device::cuda::byte_forward<...>(...)" becomes "byte_forward<...>".
std::string name_of(const void* kernel) {
  const char* mangled = nullptr;
  if (cudaFuncGetName(&mangled, kernel) != cudaSuccess || mangled == nullptr) return "a kernel";
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> plain(
      abi::__cxa_demangle(mangled, nullptr, nullptr, &status), std::free);
  std::string name = status == 0 ? plain.get() : mangled;
  name = name.substr(0, name.find('('));
  if (const auto space = name.find("annmpi::device::cuda::"); space != std::string::npos)
    name = name.substr(space + std::string("annmpi::device::cuda::").size());
  return name;
}

}  // namespace

Calls& calls() {
  static Calls all;
  return all;
}

void time_kernels() {
  timing = true;
}

std::vector<TimedKernel> timed_kernels() {
  timing = false;
  check(cudaDeviceSynchronize(), "waiting for the GPU");
  double empty = 1e9;
  for (int i = 0; i < 5; ++i) {
    const Pair pair = begin_pair(nullptr, nullptr);
    check(cudaEventRecord(pair.end, nullptr), "recording an event");
    empty = std::min(empty, microseconds(pair));
    cudaEventDestroy(pair.begin);
    cudaEventDestroy(pair.end);
  }
  std::vector<TimedKernel> timed;
  for (const Pair& pair : pairs) {
    timed.push_back({name_of(pair.kernel), microseconds(pair) - empty});
    cudaEventDestroy(pair.begin);
    cudaEventDestroy(pair.end);
  }
  pairs.clear();
  return timed;
}

}  // namespace annmpi::tests

using annmpi::tests::calls;
using annmpi::tests::Way;

extern "C" {

// The linker requires these names.
// NOLINTBEGIN(bugprone-reserved-identifier)
cudaError_t __real_cudaLaunchKernelExC(const cudaLaunchConfig_t*, const void*, void**);
cudaError_t __wrap_cudaLaunchKernelExC(const cudaLaunchConfig_t* config, const void* kernel,
                                       void** arguments) {
  ++calls().launches;
  if (!annmpi::tests::timing) return __real_cudaLaunchKernelExC(config, kernel, arguments);
  auto pair = annmpi::tests::begin_pair(kernel, config->stream);
  const cudaError_t result = __real_cudaLaunchKernelExC(config, kernel, arguments);
  annmpi::device::cuda::check(cudaEventRecord(pair.end, config->stream), "recording an event");
  annmpi::tests::pairs.push_back(pair);
  return result;
}

cudaError_t __real_cudaGraphLaunch(cudaGraphExec_t, cudaStream_t);
cudaError_t __wrap_cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t stream) {
  ++calls().graphs;
  return __real_cudaGraphLaunch(graph, stream);
}

cudaError_t __real_cudaMemsetAsync(void*, int, std::size_t, cudaStream_t);
cudaError_t __wrap_cudaMemsetAsync(void* memory, int value, std::size_t bytes,
                                   cudaStream_t stream) {
  ++calls().memsets;
  return __real_cudaMemsetAsync(memory, value, bytes, stream);
}

cudaError_t __real_cudaMemcpyAsync(void*, const void*, std::size_t, cudaMemcpyKind, cudaStream_t);
cudaError_t __wrap_cudaMemcpyAsync(void* to, const void* from, std::size_t bytes,
                                   cudaMemcpyKind kind, cudaStream_t stream) {
  calls().copied(kind == cudaMemcpyHostToDevice   ? Way::to_device
                 : kind == cudaMemcpyDeviceToHost ? Way::to_host
                                                  : Way::on_device,
                 bytes);
  return __real_cudaMemcpyAsync(to, from, bytes, kind, stream);
}

cudaError_t __real_cudaStreamSynchronize(cudaStream_t);
cudaError_t __wrap_cudaStreamSynchronize(cudaStream_t stream) {
  ++calls().waits;
  return __real_cudaStreamSynchronize(stream);
}

cudaError_t __real_cudaStreamQuery(cudaStream_t);
cudaError_t __wrap_cudaStreamQuery(cudaStream_t stream) {
  ++calls().queries;
  return __real_cudaStreamQuery(stream);
}
// NOLINTEND(bugprone-reserved-identifier)
}
