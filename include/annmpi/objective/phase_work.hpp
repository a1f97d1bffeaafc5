#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "annmpi/base/phase_times.hpp"
#include "annmpi/model/work.hpp"

namespace annmpi::objective {

/// What a rank has of a data set.
struct RankShare {
  std::uint64_t rows = 0;
  std::size_t feature_bytes = 1;  ///< of one feature, as stored
};

/// The work of one call of each phase, by the order of Phase; 0 where it is not counted.
using PhaseWork = std::array<model::Work, phase_names.size()>;

/// Of NetworkObjective, on a rank with these shares, for trials by tangent or by gradient. (At the
/// very start, and after each refresh, a pass over the monitored set computes its first layer from
/// scratch instead of its change: the same work.)
[[nodiscard]] PhaseWork work_of_phases(const model::Network& network, const RankShare& training,
                                       const RankShare& monitored, bool tangent_trials);

}  // namespace annmpi::objective
