#pragma once

#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

#include "annmpi/network/gradient_bounds.hpp"
#include "annmpi/network/network.hpp"

namespace annmpi::device::cpu {

/// One thread's sums over chunks of the gradient of one layer: per parameter an exact sum (high and
/// low, base/exact_sum.hpp) or a plain one. Gradients of a chunk are Reals, sums over chunks
/// doubles.
template <class Real>
class LayerSums {
 public:
  LayerSums(const network::Layer& layer, bool exact)
      : layer_(layer),
        exact_(exact),
        sums_(layer.size() * (exact ? 2 : 1)),
        partial_(exact || in_floats ? layer.size() : 0) {}

  void clear();

  /// The accumulator of a chunk's gradient, in rows of [b | W]: zeros, or the sums so far where
  /// they are plain doubles.
  [[nodiscard]] std::span<Real> open_chunk();
  /// Adds the chunk's gradient to the sums; `splits` are those of the layer's units.
  void close_chunk(std::span<const network::UnitSplit> splits);

  /// Adds the sums of another thread.
  void add(const LayerSums& other);

  /// All sums, to be reduced over ranks: highs, then lows; or plain ones.
  [[nodiscard]] std::span<double> flat() { return sums_; }

  /// gradient = highs + lows, rounded; rows of [b | W].
  void round_to(std::span<double> gradient) const;

 private:
  static constexpr bool in_floats = std::is_same_v<Real, float>;

  network::Layer layer_;
  bool exact_;
  std::vector<double> sums_;
  std::vector<Real> partial_;
};

}  // namespace annmpi::device::cpu
