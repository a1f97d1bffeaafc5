#pragma once

#include <string>
#include <vector>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/device/memory_plan.hpp"
#include "annmpi/objective/device_choice.hpp"
#include "annmpi/trainer/problem.hpp"

namespace annmpi::trainer {

/// The proportions in which rows are dealt to the ranks.
struct RankWeights {
  std::vector<double> of_ranks{};  ///< one per rank, relative; empty: equal
  bool measured = false;           ///< by calibration; false: given or equal
};

/// The resources of a run: devices and threads, the distribution of rows, and memory.
struct ExecutionPlan {
  objective::ChosenDevices devices{};
  int threads = 1;  ///< of this rank's CPU device
  RankWeights rank_weights{};
  data::DealtSets sets;
  device::MemoryPlan memory{};           ///< of this rank
  device::ShardMemory needed_memory{};   ///< of this rank's rows, on its device
  device::ShardMemory largest_memory{};  ///< needed_memory of the rank with the largest
};

/// Chooses, in this order: the instruction set of all ranks, the device and threads of each rank,
/// the rank weights, the rows of each rank, and the memory plan. In jobs of GPU and CPU ranks,
/// measuring the weights takes a fraction of a second. Collective.
/// @throws comm::AgreedError on all ranks if one fails the arithmetic check, has no usable device,
/// or has too little memory for its rows.
[[nodiscard]] ExecutionPlan plan_execution(const config::Configuration& configuration,
                                           const Problem& problem,
                                           const comm::Communicator& communicator);

/// A line of the printed plan.
struct PlanLine {
  std::string name;
  std::string text;
};
[[nodiscard]] std::vector<PlanLine> describe(const ExecutionPlan& plan);

}  // namespace annmpi::trainer
