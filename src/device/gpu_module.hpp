#pragma once

#include <memory>

#include "annmpi/device/gpu_device.hpp"

/// What the program and its GPU module know of each other.
///
/// Objects of C++ cross this boundary, exceptions too: both sides must be built from the same
/// headers by the same compiler.
namespace annmpi::device {

/// The module's functions. The first member must stay the first: it is read before it is known
/// whether both sides mean the same by the others.
struct GpuModule {
  const char* build = "";  ///< build_identity() of the module

  /// As device::find_gpu; without module.
  FoundGpu (*find_gpu)(int local_rank) = nullptr;
  /// As device::make_gpu_full_batch_device.
  std::unique_ptr<FullBatchDevice> (*make_full_batch_device)(const Gpu& gpu,
                                                             network::Network network, GpuRank rank,
                                                             const GpuOptions& options) = nullptr;
  /// As device::make_gpu_mini_batch_device.
  std::unique_ptr<MiniBatchDevice> (*make_mini_batch_device)(const Gpu& gpu,
                                                             network::Network network,
                                                             io::ElementType type,
                                                             const BatchFacts& facts, GpuRank rank,
                                                             const GpuOptions& options) = nullptr;
};

/// The one symbol that a module exports: a function without arguments that returns its table.
inline constexpr const char* gpu_module_entry = "annmpi_gpu_module";
using GpuModuleEntry = const GpuModule* (*)();

/// Stands for the headers, the compiler and the kind of build that a program or a module was made
/// with.
[[nodiscard]] const char* build_identity();

}  // namespace annmpi::device
