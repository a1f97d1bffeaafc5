#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "annmpi/base/exact_sum.hpp"
#include "annmpi/model/device.hpp"
#include "annmpi/model/network.hpp"

namespace annmpi::model {

/// How the partial gradients of one unit are split, see base/exact_sum.hpp.
struct UnitSplit {
  exact_sum::Split bias;
  exact_sum::Split weights;
};

/// splits[l][j] for unit j of layers[l], with bounds that hold at the parameters theta.
///
/// A chunk's partial sum for the weight from input i to unit j of layer l is a sum over its rows
/// of delta_lj a_{l-1,i}. It is bounded before it is computed, from the parameters and the
/// largest feature alone:
///
///   |delta_Lk| <= 1                                 (sigmoid: |p - y|; softmax: the same)
///   |delta_lj| <= max act' * sum_k |W_{l+1,kj}| * bound(delta_{l+1,k})
///   |a_0i| <= largest feature;  |a_li| <= 1 for sigmoid and tanh;
///   |a_lj| <= |b_j| + sum_i |W_ji| * bound(a_{l-1,i}) for relu
///   max act' = 1/4 for sigmoid, 1 for tanh and relu
///
/// times the rows of a chunk, times (1 + 2^-20) for the roundings on the way. Sums of the first
/// layer are made of the features as stored: their scale is applied when they are read. All ranks
/// have the same parameters, so they find the same splits. Where a bound is not finite the sums
/// are NaN.
[[nodiscard]] std::vector<std::vector<UnitSplit>> gradient_splits(const Network& network,
                                                                  std::span<const double> theta,
                                                                  const SetFacts& facts,
                                                                  double feature_scale);

}  // namespace annmpi::model
