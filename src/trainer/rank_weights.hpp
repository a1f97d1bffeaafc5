#pragma once

#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/objective/device_choice.hpp"
#include "annmpi/trainer/execution_plan.hpp"
#include "annmpi/trainer/problem.hpp"

namespace annmpi::trainer {

/// The weights that compute.shares gives. Without any, and where GPUs and CPUs work together: the
/// rows per second of each rank, measured in a fraction of a second of iterations over synthetic
/// rows on all ranks at once; relative to the fastest rank, with three digits, so that people can
/// give them to another run. Collective.
/// @throws comm::AgreedError on all ranks if compute.shares has not one number for each of them.
[[nodiscard]] RankWeights choose_rank_weights(const config::Configuration& configuration,
                                              const Problem& problem,
                                              const objective::ChosenDevices& devices, int threads,
                                              const comm::Communicator& communicator);

}  // namespace annmpi::trainer
