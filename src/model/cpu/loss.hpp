#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "annmpi/model/network.hpp"

namespace annmpi::model::cpu {

/// Loss of one row from its logits, and delta_k = d loss / d z_k.
///
/// One logistic unit per class: loss = sum_k softplus(z_k) - y_k z_k with
/// softplus(z) = max(z, 0) + log1p(exp(-|z|)), which neither overflows nor takes log(0).
inline double logistic_loss(std::span<const double> logits, std::int32_t label,
                            std::span<double> delta) {
  double loss = 0;
  for (std::size_t k = 0; k < logits.size(); ++k) {
    const double z = logits[k];
    const double y = static_cast<std::int32_t>(k) == label ? 1.0 : 0.0;
    const double decay = std::exp(-std::abs(z));
    // Comparing this way round lets NaN through: a maximum would hide it.
    loss += (z < 0 ? 0.0 : z) + std::log1p(decay) - y * z;
    delta[k] = (z < 0 ? decay : 1.0) / (1.0 + decay) - y;
  }
  return loss;
}

/// Classes that exclude each other: loss = logsumexp_k(z_k) - z_label, with the largest logit
/// taken out of the exponentials.
inline double softmax_loss(std::span<const double> logits, std::int32_t label,
                           std::span<double> delta) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (std::size_t k = 0; k < logits.size(); ++k) {
    delta[k] = std::exp(logits[k] - largest);
    sum += delta[k];
  }
  for (double& value : delta) value /= sum;
  const auto target = static_cast<std::size_t>(label);
  delta[target] -= 1.0;
  return largest - logits[target] + std::log(sum);
}

inline double loss_and_delta(OutputUnit output, std::span<const double> logits, std::int32_t label,
                             std::span<double> delta) {
  return output == OutputUnit::sigmoid ? logistic_loss(logits, label, delta)
                                       : softmax_loss(logits, label, delta);
}

}  // namespace annmpi::model::cpu
