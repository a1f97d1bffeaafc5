#pragma once

#include <memory>

#include "annmpi/device/gpu_device.hpp"

/// The interface between the program and its GPU module.
///
/// C++ objects and exceptions cross this boundary, so both sides must be built from the same
/// headers by the same compiler.
namespace annmpi::device {

/// The module's functions. `build` must stay the first member: it is read before the layout of the
/// others is known to match.
struct GpuModule {
  const char* build = "";  ///< build_identity() of the module

  /// Implements device::find_gpu; leaves FoundGpu::module null.
  FoundGpu (*find_gpu)(int local_rank) = nullptr;
  /// Implements device::make_full_batch_device.
  std::unique_ptr<FullBatchDevice> (*make_full_batch_device)(
      const Gpu& gpu, network::Network network, GpuRank rank,
      const DeviceOptions& options) = nullptr;
  /// Implements device::make_gpu_mini_batch_device.
  std::unique_ptr<MiniBatchDevice> (*make_mini_batch_device)(
      const Gpu& gpu, network::Network network, io::ElementType type, const BatchFacts& facts,
      GpuRank rank, const DeviceOptions& options) = nullptr;
};

/// The only exported symbol of a module: a function without arguments that returns its GpuModule.
inline constexpr const char* gpu_module_entry = "annmpi_gpu_module";
using GpuModuleEntry = const GpuModule* (*)();

/// Identifies the headers, the compiler and the build type of a program or a module.
[[nodiscard]] const char* build_identity();

}  // namespace annmpi::device
