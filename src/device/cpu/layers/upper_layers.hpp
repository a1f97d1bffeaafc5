#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "annmpi/network/network.hpp"

#include "device/cpu/layers/layer_sums.hpp"
#include "device/cpu/layers/upper_parameters.hpp"

namespace annmpi::device::cpu {

/// Everything above the first layer's pre-activations, on one chunk of rows: the forward pass, its
/// tangent along the direction, and the backward pass down to delta_1. Never reads the features.
///
/// Real is double, or float in mixed precision; losses are summed in doubles.
///
/// One object per thread. Arguments of a chunk: Z, D [rows, n_1], labels [rows].
template <class Real>
class UpperLayers {
 public:
  UpperLayers(const network::Network& network, const UpperParameters<Real>& parameters,
              std::size_t chunk_rows);
  UpperLayers(const UpperLayers&) = delete;
  UpperLayers& operator=(const UpperLayers&) = delete;

  /// Sets the memory of the hidden layers' activations (and pre-activations, if derivatives
  /// need them) and of the last layer's deltas, rows * kept_width(network) elements: forward passes
  /// and loss() write it, backward() reads it, also what an earlier call wrote. Own scratch memory
  /// if `memory` is empty.
  void work_in(std::size_t rows, std::span<Real> memory);

  /// z_1 = Z + step D and the layers above; `D` may be empty if the step is 0.
  void forward(std::span<const double> Z, std::span<const double> D, std::size_t rows);

  /// The same with the tangents along the direction:
  ///   dz_1 = D;  da_l = act'(z_l) * dz_l;  dz_l = da_{l-1} (W_l + s V_l)^T + a_{l-1} V_l^T + c_l
  void forward_along(std::span<const double> Z, std::span<const double> D, std::size_t rows);

  /// Rows [rows, classes] of logits after a forward pass.
  [[nodiscard]] std::span<const Real> logits(std::size_t rows) const;

  /// Sums over the chunk after a forward pass. `loss` fills the deltas of the last layer.
  [[nodiscard]] double loss(std::span<const std::int32_t> labels);
  [[nodiscard]] std::int64_t hits(std::span<const std::int32_t> labels) const;

  /// sum_i dloss_i/dz_L . dz_L, the derivative along the direction; after forward_along() and
  /// loss().
  [[nodiscard]] double slope(std::size_t rows) const;

  /// Adds the gradients of layers 2..L to `sums`, one per layer, and returns delta_1 [rows, n_1];
  /// after loss(), or with the memory that it wrote. Plain sums do not read the splits.
  [[nodiscard]] std::span<const double> backward(std::size_t rows,
                                                 const network::GradientSplits& splits,
                                                 std::span<LayerSums<Real>> sums);

 private:
  /// Activations of hidden layer l from its pre-activations.
  void activate(std::size_t l, std::size_t rows);
  /// factors [rows, n_l] times the derivatives of hidden layer l.
  void multiply_by_derivative(std::size_t l, std::size_t rows, std::span<Real> factors);

  const network::Network& network_;
  const UpperParameters<Real>& parameters_;
  std::vector<Real> scratch_;        ///< [chunk_rows, kept_width]
  std::vector<Real> logits_;         ///< z_L [chunk_rows, n_L]
  std::vector<Real> hidden_deltas_;  ///< of all layers but the last
  /// In mixed precision: delta_1 for the first layer, or scratch memory of the softmax.
  std::vector<double> doubles_;
  // Per layer l = 1..L, [chunk_rows, n_l]:
  std::vector<std::span<Real>> values_;  ///< a_l, the last one z_L
  /// z_l; the memory of a_l, which overwrite them, unless derivatives need them.
  std::vector<std::span<Real>> arguments_;
  std::vector<std::vector<Real>> tangents_;  ///< da_l, the last one dz_L
  std::vector<std::span<Real>> deltas_;      ///< d loss / d z_l
};

}  // namespace annmpi::device::cpu
