#pragma once

#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/objective/device_choice.hpp"
#include "annmpi/trainer/execution_plan.hpp"
#include "annmpi/trainer/problem.hpp"

namespace annmpi::trainer {

/// The weights in compute.shares, if given. Otherwise, in jobs of GPU and CPU ranks, the measured
/// speed of each rank relative to the fastest: a fraction of a second of iterations over synthetic
/// rows, on all ranks at once. Rounded to three digits, so that compute.shares can repeat them.
/// Otherwise empty. Collective.
/// @throws comm::AgreedError on all ranks if compute.shares does not have one number per rank.
[[nodiscard]] RankWeights choose_rank_weights(const config::Configuration& configuration,
                                              const Problem& problem,
                                              const objective::ChosenDevices& devices, int threads,
                                              const comm::Communicator& communicator);

}  // namespace annmpi::trainer
