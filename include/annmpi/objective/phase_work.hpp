#pragma once

#include <array>

#include "annmpi/base/phase_times.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/network/work.hpp"

namespace annmpi::objective {

/// The work of one call of each phase, by the order of Phase; 0 where it is not counted.
using PhaseWork = std::array<network::Work, phase_names.size()>;

/// Of FullBatchObjective on a rank with its share of these sets, for trials by tangent or by
/// gradient. (At the very start, and after each refresh, a pass over the monitored set computes its
/// first layer from scratch instead of its change: the same work.)
[[nodiscard]] PhaseWork work_of_phases(const network::Network& network, const data::DealtSets& sets,
                                       int rank, bool tangent_trials);

}  // namespace annmpi::objective
