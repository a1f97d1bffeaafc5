#pragma once

#include <span>
#include <vector>

#include "annmpi/data/set_facts.hpp"
#include "annmpi/network/network.hpp"
#include "annmpi/network/unit_split.hpp"

namespace annmpi::network {

/// The splits of all units for exact sums, from bounds that hold at the current parameters.
///
/// A chunk's partial sum for the weight from input i to unit j of layer l is the sum over its rows
/// of delta_lj a_{l-1,i}. Its bound depends on the parameters and the largest feature alone:
///
///   |delta_Lk| <= rules::largest_delta
///   |delta_lj| <= max |act'| sum_k |W_{l+1,kj}| bound(delta_{l+1,k})
///   |a_0i| <= largest feature;  |a_lj| <= max |act(z)| for |z| <= max_j |b_j| + sum_i |W_ji|
///   bound(a_{l-1,i}), where that depends on z
///
/// with the maxima that rules::largest_value and rules::largest_derivative state,
///
/// times the rows of a chunk, times (1 + 2^-20) for roundings. In mixed precision, where a chain of
/// n floats has |error| <= (n + 2) 2^-24 sum |terms| (Higham 2002, section 3.1): also times
/// (1 + rows * 2^-22) for the sum over the rows, and for deltas and activations
/// 1 + 2^-20 + 2^-21 sum_{l > 1} (n_{l-1} + n_l + 8) instead of 1 + 2^-20. Sums of the first layer
/// use features as stored; their scale is applied when the sums are read. All ranks have the same
/// parameters and thus the same splits. Where a bound is not finite the sums are NaN.
class GradientSplits {
 public:
  GradientSplits(const Network& network, Precision precision);

  /// Computes the bounds of all units at the parameters theta. Does not allocate.
  void hold_at(std::span<const double> theta, const data::SetFacts& facts, double feature_scale);

  /// The splits of layers[l], one per unit.
  [[nodiscard]] std::span<const UnitSplit> of_layer(std::size_t l) const { return splits_[l]; }

 private:
  void bound_activations(std::span<const double> theta, double largest_input);
  void bound_deltas(std::span<const double> theta);

  const Network& network_;
  Precision precision_;
  std::vector<double> activations_;          ///< bound(a_l) for l = 0 .. L-1
  std::vector<std::vector<double>> deltas_;  ///< bound(delta_l) of each unit
  std::vector<std::vector<UnitSplit>> splits_;
};

}  // namespace annmpi::network
