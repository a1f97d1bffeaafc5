#pragma once

#include "annmpi/base/exact_sum.hpp"

namespace annmpi::network {

/// The splits of one unit's partial gradients (base/exact_sum.hpp), and the bound of its delta for
/// one row.
struct UnitSplit {
  exact_sum::Split bias;
  exact_sum::Split weights;
  double delta = 0;
};

}  // namespace annmpi::network
