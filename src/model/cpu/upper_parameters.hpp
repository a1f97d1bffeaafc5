#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "annmpi/model/network.hpp"

namespace annmpi::model::cpu {

/// The parameters of layers 2..L at a point theta + step p, formed once and read by all threads.
class UpperParameters {
 public:
  explicit UpperParameters(const Network& network)
      : network_(network),
        first_(network.layers.front().size()),
        values_(network.parameters() - first_),
        direction_(values_.size()) {}

  /// `direction` may be empty: the point is theta then.
  void move_to(std::span<const double> theta, std::span<const double> direction, double step) {
    step_ = step;
    std::ranges::copy(theta.subspan(first_), values_.begin());
    if (direction.empty()) return;
    std::ranges::copy(direction.subspan(first_), direction_.begin());
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i] += step * direction_[i];
  }

  [[nodiscard]] double step() const { return step_; }
  /// Rows of [b | W] of layers[l], l > 0.
  [[nodiscard]] std::span<const double> values(std::size_t l) const { return part(values_, l); }
  /// Rows of [c | V] of layers[l], l > 0.
  [[nodiscard]] std::span<const double> direction(std::size_t l) const {
    return part(direction_, l);
  }

 private:
  [[nodiscard]] std::span<const double> part(const std::vector<double>& whole,
                                             std::size_t l) const {
    const Layer& layer = network_.layers[l];
    return std::span(whole).subspan(layer.offset - first_, layer.size());
  }

  const Network& network_;
  std::size_t first_;              ///< where layer 2 begins in theta
  std::vector<double> values_;     ///< theta from there on, at the point
  std::vector<double> direction_;  ///< the direction from there on
  double step_ = 0;
};

}  // namespace annmpi::model::cpu
