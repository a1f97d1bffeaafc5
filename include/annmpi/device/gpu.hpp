#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

/// GPUs, as the program sees them. What computes on them is a module of its own that is loaded at
/// run time, and only where there is a driver (docs/decisions/0007-gpu-module.md).
namespace annmpi::device {

struct GpuModule;

/// A GPU of this host.
struct Gpu {
  int index = 0;     ///< among those that this process sees
  std::string name;  ///< "NVIDIA H100 80GB HBM3"
  int capability_major = 0;
  int capability_minor = 0;
  std::uint64_t memory = 0;              ///< bytes
  std::uint64_t free_memory = 0;         ///< bytes, when it was found
  std::array<std::byte, 16> identity{};  ///< equal where two processes see the same GPU
  std::string software{};                ///< "CUDA 13.0, driver for CUDA 13.1"
};

/// What find_gpu() found: a GPU to compute on, or why there is none.
struct FoundGpu {
  Gpu gpu;
  /// What is wrong and what to do: "no NVIDIA driver on this host (...)"; empty where a GPU was
  /// found.
  std::string trouble;
  /// Whether there is a driver and a module, so that a GPU could be expected.
  bool expected = false;
  /// Whether there is one, usable or not.
  bool present = false;
  /// The module that computes on it, loaded for good.
  const GpuModule* module = nullptr;

  explicit operator bool() const { return trouble.empty(); }
};

/// Where the module of this build lies: beside the program that runs, or, empty, nowhere.
[[nodiscard]] std::string gpu_module_path();

/// The GPU for the rank that is number `local_rank` among those of this host, which share the GPUs
/// that they see evenly. Where there is no driver, this costs next to nothing.
/// @throws Error if what was loaded changed this thread's arithmetic (base/arithmetic).
[[nodiscard]] FoundGpu find_gpu(int local_rank, const std::string& module_path = gpu_module_path());

}  // namespace annmpi::device
