#pragma once

#include <cstddef>

#include "annmpi/network/network.hpp"

/// Operations per row, independent of the device. Multiplications and additions count as one each;
/// functions such as exp, losses and sums over chunks are negligible and not counted.
namespace annmpi::network {

struct Work {
  double operations = 0;
  double feature_bytes = 0;  ///< of features as stored

  friend Work operator+(const Work& a, const Work& b) {
    return {a.operations + b.operations, a.feature_bytes + b.feature_bytes};
  }
  friend Work operator*(double times, const Work& work) {
    return {times * work.operations, times * work.feature_bytes};
  }
};

/// A pass over features of `bytes` bytes each: x W_1^T or its transpose, 2 n_0 n_1 operations.
[[nodiscard]] Work pass_work(const Network& network, std::size_t bytes);

/// Logits from the first layer's pre-activations: 2 n_{l-1} n_l per layer l > 1.
[[nodiscard]] Work upper_work(const Network& network);

/// Cost and slope at a step: z_1 + s dz_1, and per layer l > 1 a W^T, da W^T and a V^T, 6 n_{l-1}
/// n_l.
[[nodiscard]] Work trial_work(const Network& network);

/// The gradient: z_1 + s dz_1; per layer l > 1 the forward pass and another 4 n_{l-1} n_l for delta
/// W and delta^T a; and a pass for the first layer.
[[nodiscard]] Work gradient_work(const Network& network, std::size_t bytes);

}  // namespace annmpi::network
