#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "annmpi/device/gpu_device.hpp"

/// What ranks tell each other before their GPUs work together. All made of sums, the one thing that
/// the program hands in. Collective.
namespace annmpi::device::cuda {

/// Row r of the result holds rank r's numbers; all ranks give equally many.
[[nodiscard]] std::vector<std::vector<std::int64_t>> allgather_facts(
    const device::GpuRank& rank, std::span<const std::int64_t> mine);

/// Rank 0's bytes.
void from_root(const device::GpuRank& rank, std::span<std::byte> bytes);

/// Whether something holds on every rank.
[[nodiscard]] bool on_all(const device::GpuRank& rank, bool here);

/// Whether two ranks compute on one GPU.
[[nodiscard]] bool any_share(const device::GpuRank& rank, const device::Gpu& gpu);

}  // namespace annmpi::device::cuda
