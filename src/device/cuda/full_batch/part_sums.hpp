#pragma once

#include <cstddef>
#include <span>

#include "device/cuda/layers/first_layer.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda {

/// Exact sums (base/exact_sum.hpp) of the first layer's gradient, in rows of [b | W].
class PartSums {
 public:
  explicit PartSums(FirstLayerShape shape)
      : row_length_(shape.inputs + 1),
        parts_(2 * static_cast<std::size_t>(shape.units) * static_cast<std::size_t>(row_length_)) {}

  /// Sets them to zero if they are not.
  void start(cudaStream_t stream);

  [[nodiscard]] double* highs() const { return parts_.data(); }
  [[nodiscard]] double* lows() const { return parts_.data() + parts_.size() / 2; }
  /// The integers to be summed over ranks.
  [[nodiscard]] std::span<double> all() const { return {parts_.data(), parts_.size()}; }

  /// Computes the gradient of all layers from the sums, for features of this scale; then resets the
  /// sums to zero.
  void finish(const Finish& finish, double feature_scale, cudaStream_t stream);

 private:
  int row_length_;
  DeviceBuffer<double> parts_;
  bool are_zero_ = false;
};

}  // namespace annmpi::device::cuda
