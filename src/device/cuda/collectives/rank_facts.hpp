#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "annmpi/device/gpu_device.hpp"

/// Collectives on the host, built on the sum function that the program passes in.
namespace annmpi::device::cuda {

/// Row r of the result has rank r's numbers; all ranks pass equally many.
[[nodiscard]] std::vector<std::vector<std::int64_t>> allgather_facts(
    const device::GpuRank& rank, std::span<const std::int64_t> mine);

/// Broadcasts rank 0's bytes.
void from_root(const device::GpuRank& rank, std::span<std::byte> bytes);

/// Whether `here` is true on every rank.
[[nodiscard]] bool on_all(const device::GpuRank& rank, bool here);

/// Whether two ranks use the same GPU.
[[nodiscard]] bool any_share(const device::GpuRank& rank, const device::Gpu& gpu);

}  // namespace annmpi::device::cuda
