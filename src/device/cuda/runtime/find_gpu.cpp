#include "device/cuda/runtime/find_gpu.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <cuda_runtime.h>
#include <fmt/format.h>
#include <unistd.h>

#include "device/cuda/runtime/launch.hpp"

namespace annmpi::device::cuda {
namespace {

/// The oldest GPUs that the module is compiled for: tensor cores for doubles and bytes.
constexpr int least_capability_major = 8;

device::FoundGpu none(std::string trouble) {
  device::FoundGpu found;
  found.trouble = std::move(trouble);
  return found;
}

/// A GPU that exists and cannot be used.
device::FoundGpu unusable(std::string trouble) {
  device::FoundGpu found = none(std::move(trouble));
  found.present = true;
  return found;
}

/// "13.0"
std::string version(int number) {
  return fmt::format("{}.{}", number / 1000, number % 1000 / 10);
}

bool is_forbidden(const char* path) {
  return ::access(path, R_OK | W_OK) != 0 && errno == EACCES;
}

std::string why_no_gpu(cudaError_t error) {
  int driver = 0;
  cudaDriverGetVersion(&driver);
  if (error == cudaErrorInsufficientDriver)
    return fmt::format(
        "the NVIDIA driver is too old (it supports CUDA {}, the GPU module needs CUDA {}); update "
        "the driver, or build with an older toolkit",
        version(driver), version(CUDART_VERSION));
  if (is_forbidden("/dev/nvidiactl") || is_forbidden("/dev/nvidia0"))
    return "no permission to use the GPUs of this host (/dev/nvidiactl or /dev/nvidia0); ask the "
           "batch system for GPUs, or the administrator for permission";
  if (const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
      error == cudaErrorNoDevice && visible != nullptr)
    return fmt::format(
        "no GPU is visible (CUDA_VISIBLE_DEVICES={}); ask the batch system for GPUs, or correct "
        "the variable",
        visible);
  if (error == cudaErrorNoDevice)
    return "the NVIDIA driver finds no GPU on this host; run on a node with GPUs";
  return fmt::format(
      "CUDA initialization failed ({}: {}); check that nvidia-smi works on this host",
      cudaGetErrorName(error), cudaGetErrorString(error));
}

}  // namespace

device::FoundGpu find_gpu(int local_rank) {
  int count = 0;
  if (const cudaError_t error = cudaGetDeviceCount(&count); error != cudaSuccess || count == 0)
    return none(why_no_gpu(error == cudaSuccess ? cudaErrorNoDevice : error));
  const int index = local_rank % count;
  cudaDeviceProp properties{};
  if (const cudaError_t error = cudaGetDeviceProperties(&properties, index); error != cudaSuccess)
    return none(why_no_gpu(error));
  if (properties.major < least_capability_major)
    return unusable(
        fmt::format("GPU {} ({}) is too old (compute capability {}.{}, at least 8.0 is needed); "
                    "use an A100, an H100 or later, or exclude the GPU with CUDA_VISIBLE_DEVICES",
                    index, properties.name, properties.major, properties.minor));
  if (properties.sharedMemPerBlockOptin < most_shared_bytes)
    return unusable(fmt::format(
        "GPU {} ({}) has too little shared memory ({} KiB per thread block, {} are needed); use an "
        "A100, an H100 or later, or exclude the GPU with CUDA_VISIBLE_DEVICES",
        index, properties.name, properties.sharedMemPerBlockOptin >> 10, most_shared_bytes >> 10));

  device::FoundGpu found;
  found.present = true;
  found.gpu = {.index = index,
               .name = properties.name,
               .capability_major = properties.major,
               .capability_minor = properties.minor};
  std::memcpy(found.gpu.identity.data(), properties.uuid.bytes, found.gpu.identity.size());
  // The first call that needs a context creates it.
  std::size_t free_memory = 0;
  std::size_t memory = 0;
  cudaError_t error = cudaSetDevice(index);
  if (error == cudaSuccess) error = cudaMemGetInfo(&free_memory, &memory);
  if (error == cudaErrorMemoryAllocation)
    return unusable(
        fmt::format("GPU {} ({}) has no memory left for another process; use another GPU, or end "
                    "the processes on it (nvidia-smi lists them)",
                    index, properties.name));
  if (error != cudaSuccess)
    return unusable(fmt::format("GPU {} ({}) cannot be used ({}: {}); see nvidia-smi", index,
                                properties.name, cudaGetErrorName(error),
                                cudaGetErrorString(error)));
  int driver = 0;
  cudaDriverGetVersion(&driver);
  found.gpu.software =
      fmt::format("CUDA {}, driver for CUDA {}", version(CUDART_VERSION), version(driver));
  found.gpu.memory = memory;
  found.gpu.free_memory = free_memory;
  return found;
}

}  // namespace annmpi::device::cuda
