#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "annmpi/network/network.hpp"

namespace annmpi::device::cpu {

/// The parameters of layers 2..L at theta + step p, computed once in doubles, rounded to Real and
/// shared by all threads.
template <class Real>
class UpperParameters {
 public:
  explicit UpperParameters(const network::Network& network)
      : network_(network),
        first_(network.layers.front().size()),
        values_(network.parameters() - first_),
        direction_(values_.size()) {}

  /// `direction` may be empty: the point is then theta.
  void move_to(std::span<const double> theta, std::span<const double> direction, double step) {
    step_ = step;
    const std::span<const double> from = theta.subspan(first_);
    const bool moved = !direction.empty();
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const double change = moved ? direction[first_ + i] : 0;
      values_[i] = static_cast<Real>(moved ? from[i] + step * change : from[i]);
      if (moved) direction_[i] = static_cast<Real>(change);
    }
  }

  [[nodiscard]] double step() const { return step_; }
  /// Rows of [b | W] of layers[l], l > 0.
  [[nodiscard]] std::span<const Real> values(std::size_t l) const { return layer_of(values_, l); }
  /// Rows of [c | V] of layers[l], l > 0.
  [[nodiscard]] std::span<const Real> direction(std::size_t l) const {
    return layer_of(direction_, l);
  }

 private:
  [[nodiscard]] std::span<const Real> layer_of(const std::vector<Real>& whole,
                                               std::size_t l) const {
    const network::Layer& layer = network_.layers[l];
    return std::span(whole).subspan(layer.offset - first_, layer.size());
  }

  const network::Network& network_;
  std::size_t first_;            ///< offset of layer 2 in theta
  std::vector<Real> values_;     ///< theta from there on, at the point
  std::vector<Real> direction_;  ///< the direction from there on
  double step_ = 0;
};

}  // namespace annmpi::device::cpu
