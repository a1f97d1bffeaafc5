#pragma once

#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

#include "annmpi/network/gradient_bounds.hpp"
#include "annmpi/network/network.hpp"

namespace annmpi::device::cpu {

/// Sums of chunks' partial gradients of one layer, made by one thread: two exact ones per
/// parameter (highs and lows, base/exact_sum.hpp), or a plain one. Partial gradients are in Reals,
/// all sums of them in doubles.
template <class Real>
class LayerSums {
 public:
  LayerSums(const network::Layer& layer, bool exact)
      : layer_(layer),
        exact_(exact),
        sums_(layer.size() * (exact ? 2 : 1)),
        partial_(exact || in_floats ? layer.size() : 0) {}

  void clear();

  /// Where a chunk's partial gradient is to be added up, in rows of [b | W]: zeros, or where the
  /// sums are plain and in doubles those of the chunks before.
  [[nodiscard]] std::span<Real> open_chunk();
  /// Takes the partial gradient of the chunk over; `splits` are those of the layer's units.
  void close_chunk(std::span<const network::UnitSplit> splits);

  /// Adds the sums of another thread.
  void add(const LayerSums& other);

  /// All sums, to be added over ranks: highs, then lows; or plain ones.
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
