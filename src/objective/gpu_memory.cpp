#include "annmpi/objective/gpu_memory.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "annmpi/base/error.hpp"
#include "annmpi/objective/memory_need.hpp"

namespace annmpi::objective {
namespace {

/// For CUDA and its libraries, parameters and their sums, and scratch memory.
constexpr double beside_rows = 1e9;

/// Number of ranks that use this rank's GPU, itself included. Collective.
std::int64_t ranks_on_same(const model::Gpu* gpu, const comm::Communicator& communicator) {
  struct User {
    std::array<std::byte, 16> identity;
    bool uses_gpu;
  };
  const User mine{gpu != nullptr ? gpu->identity : std::array<std::byte, 16>{}, gpu != nullptr};
  return std::ranges::count_if(communicator.of_all(mine), [&](const User& user) {
    return user.uses_gpu && user.identity == mine.identity;
  });
}

}  // namespace

void require_gpu_memory(const model::ShardMemory& needed, const model::Gpu* gpu,
                        const comm::Communicator& communicator) {
  const auto sharing = static_cast<double>(ranks_on_same(gpu, communicator));
  communicator.all_agree([&] {
    if (gpu == nullptr) return;
    const double available = static_cast<double>(gpu->free_memory) / sharing;
    require(static_cast<double>(needed.total()) + beside_rows <= available,
            "GPU {} ({}) has too little memory: a rank needs {:.6g} MB for its rows ({:.6g} MB of "
            "features and {:.6g} MB of values carried along or of batches) and {:.6g} MB beside "
            "them, but may "
            "have {:.6g} MB (of what is free there, ranks that use it: {}); use more GPUs, fewer "
            "ranks on each, or fewer hidden units in the first layer",
            gpu->index, gpu->name, 1e-6 * static_cast<double>(needed.total()),
            1e-6 * static_cast<double>(needed.features), 1e-6 * static_cast<double>(needed.caches),
            1e-6 * beside_rows, 1e-6 * available, sharing);
  });
}

model::Holdings affordable(const model::Holdings& wished, const model::Network& network,
                           const data::DealtSets& sets, double limit, const ChosenDevices& devices,
                           const comm::Communicator& communicator) {
  const auto need = [&](const model::Holdings& holdings) {
    return memory_of_rank(network, sets, communicator.rank(), holdings);
  };
  if (devices.gpus == 0) return affordable(wished, need, limit, communicator);
  // Trials and turned features are kept by CPUs.
  const model::Holdings on_gpu{.carried = std::min(wished.carried, model::Carried::first_layer),
                               .batch_rows = wished.batch_rows,
                               .batches_to_gpu = true};
  model::ShardMemory of_gpu = need(on_gpu);
  const auto need_of_host = [&](const model::Holdings& holdings) {
    return devices.gpu ? model::ShardMemory{of_gpu.features, 0} : need(holdings);
  };
  const model::Holdings on_cpu = affordable(wished, need_of_host, limit, communicator);
  if (on_gpu.batch_rows > 0)
    of_gpu.caches +=
        model::gpu_batch_memory(network, std::min(on_gpu.batch_rows, sets.training.set.rows),
                                io::bytes_of(sets.training.set.type));
  require_gpu_memory(of_gpu, devices.gpu ? &devices.gpu->gpu : nullptr, communicator);
  return devices.gpu ? on_gpu : on_cpu;
}

}  // namespace annmpi::objective
