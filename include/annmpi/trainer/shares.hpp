#pragma once

#include <vector>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/configuration.hpp"

namespace annmpi::trainer {

/// How rows are dealt to the ranks.
struct Shares {
  std::vector<double> of_ranks;  ///< relative to each other; empty: equal ones
};

/// What compute.shares says.
/// @throws comm::AgreedError on all ranks if it does not give one for each of them.
[[nodiscard]] Shares shares_of_ranks(const config::Configuration::Compute& compute,
                                     const comm::Communicator& communicator);

}  // namespace annmpi::trainer
