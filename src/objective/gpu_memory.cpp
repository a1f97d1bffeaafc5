#include "annmpi/objective/gpu_memory.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "annmpi/base/error.hpp"
#include "annmpi/objective/memory_need.hpp"

namespace annmpi::objective {
namespace {

/// For CUDA and its libraries, parameters and their sums, and scratch memory.
constexpr double beside_rows = 1e9;

/// Number of ranks that use this rank's GPU, itself included. Collective.
std::int64_t ranks_on_same(const model::Gpu& gpu, const comm::Communicator& communicator) {
  using Identity = std::array<std::int64_t, 2>;
  static_assert(sizeof(Identity) == sizeof gpu.identity);
  const auto mine = std::bit_cast<Identity>(gpu.identity);
  // Zeros stand in the places of the others, so that adding up brings all together.
  std::vector<std::int64_t> all(mine.size() * static_cast<std::size_t>(communicator.size()));
  const std::size_t place = mine.size() * static_cast<std::size_t>(communicator.rank());
  std::ranges::copy(mine, all.begin() + static_cast<std::ptrdiff_t>(place));
  communicator.sum(std::span(all));
  std::int64_t same = 0;
  for (std::size_t i = 0; i < all.size(); i += mine.size())
    if (all[i] == mine[0] && all[i + 1] == mine[1]) ++same;
  return same;
}

}  // namespace

void require_gpu_memory(const model::ShardMemory& needed, const model::Gpu& gpu,
                        const comm::Communicator& communicator) {
  const auto sharing = static_cast<double>(ranks_on_same(gpu, communicator));
  communicator.all_agree([&] {
    const double available = static_cast<double>(gpu.free_memory) / sharing;
    require(static_cast<double>(needed.total()) + beside_rows <= available,
            "GPU {} ({}) has too little memory: a rank needs {:.6g} MB for its rows ({:.6g} MB of "
            "features and {:.6g} MB of values carried along) and {:.6g} MB beside them, but may "
            "have {:.6g} MB (of what is free there, ranks that use it: {}); use more GPUs, fewer "
            "ranks on each, or fewer hidden units in the first layer",
            gpu.index, gpu.name, 1e-6 * static_cast<double>(needed.total()),
            1e-6 * static_cast<double>(needed.features), 1e-6 * static_cast<double>(needed.caches),
            1e-6 * beside_rows, 1e-6 * available, sharing);
  });
}

model::Holdings affordable(const model::Holdings& wished, const model::Network& network,
                           const data::DealtSets& sets, double limit,
                           const std::optional<model::FoundGpu>& gpu,
                           const comm::Communicator& communicator) {
  if (!gpu) return affordable(wished, network, sets, limit, communicator);
  // Trials and turned features are kept by CPUs.
  const model::Holdings holdings{.carried = std::min(wished.carried, model::Carried::first_layer)};
  const model::ShardMemory needed = memory_of_rank(network, sets, communicator.rank(), holdings);
  require_memory({needed.features, 0}, memory_limit(limit, communicator), communicator);
  require_gpu_memory(needed, gpu->gpu, communicator);
  return holdings;
}

}  // namespace annmpi::objective
