#pragma once

#include "annmpi/base/exact_sum.hpp"

namespace annmpi::network {

/// How the partial gradients of one unit are split, see base/exact_sum.hpp, and what its delta of a
/// row is bounded by.
struct UnitSplit {
  exact_sum::Split bias;
  exact_sum::Split weights;
  double delta = 0;
};

}  // namespace annmpi::network
