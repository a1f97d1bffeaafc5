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

/// In which proportion rows are dealt to the ranks.
struct RankWeights {
  std::vector<double> of_ranks{};  ///< relative to each other; empty: equal ones
  bool measured = false;           ///< or given, or equal
};

/// How a run is carried out: what each rank computes with, which rows it works on, and what it
/// keeps of them in memory.
struct ExecutionPlan {
  objective::ChosenDevices devices{};
  int threads = 1;  ///< of this rank, on its CPU
  RankWeights rank_weights{};
  data::DealtSets sets;
  device::MemoryPlan memory{};           ///< of this rank
  device::ShardMemory needed_memory{};   ///< of this rank, for its rows, where it works on them
  device::ShardMemory largest_memory{};  ///< of the rank that needs most
};

/// Chooses, in this order: the instruction set of all ranks, the device and the threads of each
/// rank, the proportion in which rows are dealt, the rows, and what is kept of them. Where rows are
/// dealt by measured speed, the measurement takes a fraction of a second. Collective.
/// @throws comm::AgreedError on all ranks if one of them has no sound arithmetic, no device to use,
/// or no room for its rows.
[[nodiscard]] ExecutionPlan plan_execution(const config::Configuration& configuration,
                                           const Problem& problem,
                                           const comm::Communicator& communicator);

/// One aspect of a plan, for people.
struct PlanLine {
  std::string name;
  std::string text;
};
[[nodiscard]] std::vector<PlanLine> describe(const ExecutionPlan& plan);

}  // namespace annmpi::trainer
