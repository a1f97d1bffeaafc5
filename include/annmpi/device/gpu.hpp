#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

/// Finds the GPU of a rank. The code that runs on GPUs is a module that is loaded at run time, and
/// only on hosts with a driver (docs/decisions/0007-gpu-module.md).
namespace annmpi::device {

struct GpuModule;

/// A GPU of this host.
struct Gpu {
  int index = 0;     ///< among the GPUs that this process sees
  std::string name;  ///< "NVIDIA H100 80GB HBM3"
  int capability_major = 0;
  int capability_minor = 0;
  std::uint64_t memory = 0;              ///< bytes
  std::uint64_t free_memory = 0;         ///< bytes, at the time of find_gpu()
  std::array<std::byte, 16> identity{};  ///< equal if two processes see the same GPU
  std::string software{};                ///< "CUDA 13.0, driver for CUDA 13.1"
};

/// The result of find_gpu(): a usable GPU, or the reason why there is none.
struct FoundGpu {
  Gpu gpu;
  /// Why there is no usable GPU, and what to do: "no NVIDIA driver on this host (...)". Empty if
  /// there is one.
  std::string trouble;
  /// Whether the host has a driver and this build a module.
  bool expected = false;
  /// Whether there is a GPU, usable or not.
  bool present = false;
  /// The loaded module, which is never unloaded.
  const GpuModule* module = nullptr;

  explicit operator bool() const { return trouble.empty(); }
};

/// The path of this build's module, relative to the running program; empty if the build has none.
[[nodiscard]] std::string gpu_module_path();

/// The GPU of rank number `local_rank` of this host; the ranks of a host share its GPUs evenly.
/// Cheap on hosts without a driver.
/// @throws Error if a loaded library changed this thread's arithmetic (base/arithmetic).
[[nodiscard]] FoundGpu find_gpu(int local_rank, const std::string& module_path = gpu_module_path());

}  // namespace annmpi::device
