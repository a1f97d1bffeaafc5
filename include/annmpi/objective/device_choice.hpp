#pragma once

#include <functional>
#include <optional>
#include <string>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/model/gpu.hpp"

namespace annmpi::objective {

/// Looks for the GPU of the rank that is number `local_rank` on this host.
using FindGpu = std::function<model::FoundGpu(int local_rank)>;

/// What the ranks of a job compute with: the GPU of this rank, or nothing where the ranks compute
/// on their CPUs. GPUs where compute.device asks for them, or leaves it open and every rank has
/// one; the same kind on all ranks. Collective.
/// @throws comm::AgreedError on all ranks if GPUs are asked for and a rank has none to use, with
/// the reason.
[[nodiscard]] std::optional<model::FoundGpu> choose_device(
    const config::Configuration& configuration, const comm::Communicator& communicator,
    const FindGpu& find = [](int local_rank) { return model::find_gpu(local_rank); });

/// "GPU 0 of node7: NVIDIA H100 80GB HBM3; CUDA 13.0, driver for CUDA 13.1"
[[nodiscard]] std::string describe(const model::Gpu& gpu);

}  // namespace annmpi::objective
