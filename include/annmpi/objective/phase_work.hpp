#pragma once

#include <array>

#include "annmpi/base/phase_times.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/network/work.hpp"

namespace annmpi::objective {

/// The work of one call of each phase, indexed by Phase; 0 if not counted.
using PhaseWork = std::array<network::Work, phase_names.size()>;

/// The work of FullBatchObjective on a rank, with tangent or gradient trials. (At the start and
/// after each refresh, a pass over the monitored set computes its first layer instead of the change
/// of it: the same work.)
[[nodiscard]] PhaseWork work_of_phases(const network::Network& network, const data::DealtSets& sets,
                                       int rank, bool tangent_trials);

}  // namespace annmpi::objective
