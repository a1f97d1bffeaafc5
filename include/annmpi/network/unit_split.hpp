#pragma once

#include "annmpi/base/exact_sum.hpp"

namespace annmpi::network {

/// The split of one unit's partial gradients (base/exact_sum.hpp), and the bound of its delta of a
/// row.
struct UnitSplit {
  exact_sum::Split bias;
  exact_sum::Split weights;
  double delta = 0;
};

}  // namespace annmpi::network
