#include "annmpi/trainer/execution_plan.hpp"

#include <cstdint>
#include <utility>

#include <fmt/ranges.h>

#include "annmpi/comm/threads.hpp"
#include "annmpi/device/device.hpp"
#include "annmpi/objective/agreement.hpp"
#include "annmpi/objective/memory_need.hpp"

#include "trainer/make_method.hpp"
#include "trainer/rank_weights.hpp"

namespace annmpi::trainer {
namespace {

/// The memory plan if memory is sufficient.
device::MemoryPlan preferred_memory(const config::Configuration& configuration,
                                    const Problem& problem) {
  const config::Configuration::Optimizer& optimizer = configuration.optimizer;
  if (optimizer.takes_batches())
    return {.carried = device::Carried::nothing,
            .batch_rows = static_cast<std::uint64_t>(optimizer.batch_size)};
  return {.carried = trials_by_tangent(optimizer.kind, problem.network)
                         ? device::Carried::trial
                         : device::Carried::first_layer,
          .transposed = device::gains_by_transposed_features(
              problem.network, device::device_options(configuration.compute, problem.sets, 1)),
          .precision = configuration.compute.precision};
}

}  // namespace

ExecutionPlan plan_execution(const config::Configuration& configuration, const Problem& problem,
                             const comm::Communicator& communicator) {
  const config::Configuration::Compute& compute = configuration.compute;
  const network::Network& network = problem.network;
  objective::agree_on_arithmetic(communicator);
  const int threads = comm::threads_for_this_rank(static_cast<int>(compute.threads), communicator);
  objective::ChosenDevices devices = objective::choose_devices(configuration, communicator);
  RankWeights weights = choose_rank_weights(configuration, problem, devices, threads, communicator);
  data::DealtSets sets =
      data::deal(problem.sets, compute.chunk_rows, network.parameters(), communicator.size(),
                 configuration.data.streaming, devices.hardware(), weights.of_ranks);
  const device::MemoryPlan memory =
      objective::fit_to_memory(preferred_memory(configuration, problem), network, sets,
                               1e6 * compute.cache_memory, devices, communicator);
  const device::ShardMemory needed =
      objective::memory_in_use(network, sets, communicator.rank(), memory, devices);
  const device::ShardMemory largest = objective::most_memory_of_a_rank(needed, communicator);
  return {
      std::move(devices), threads, std::move(weights), std::move(sets), memory, needed, largest};
}

std::vector<PlanLine> describe(const ExecutionPlan& plan) {
  const data::Partition& partition = plan.sets.training.partition;
  std::string rows = fmt::format("{} chunks of {} rows, imbalance {:.2f}", partition.chunks(),
                                 partition.chunk_rows(), partition.imbalance());
  if (!plan.rank_weights.of_ranks.empty())
    rows += fmt::format(", dealt by weights [{}]", fmt::join(plan.rank_weights.of_ranks, ", "));
  if (plan.sets.training.streamed) rows += ", streamed";
  return {
      {"rows", rows},
      {"memory", fmt::format("per rank at most {:.1f} MB of features, {:.1f} MB of carried values",
                             1e-6 * static_cast<double>(plan.largest_memory.features),
                             1e-6 * static_cast<double>(plan.largest_memory.caches))}};
}

}  // namespace annmpi::trainer
