#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "annmpi/network/network.hpp"

/// The loss of a chunk of rows from their logits, in forms that neither overflow nor take log(0).
namespace annmpi::device::cpu::kernels {

/// Returns sum_i loss_i, added in a fixed order that depends on the number of rows alone, and
/// writes delta_ik = d loss_i / d z_ik. z, delta [rows, classes] dense; labels [rows], each in [0,
/// classes).
///
///   sigmoid, one logistic unit per class: loss_i = sum_k softplus(z_ik) - y_ik z_ik
///   softmax: loss_i = log sum_k exp(z_ik) - z_i,label, the largest logit taken out of the
///   exponentials
///
/// Non-finite logits give NaN. The same bits on every SIMD target; allocates nothing.
double loss_and_delta(rules::OutputUnit output, std::span<const double> z,
                      std::span<const std::int32_t> labels, std::size_t classes,
                      std::span<double> delta);

/// The same for floats: logistic units are computed in floats, softmax in doubles, in `scratch`
/// [2][rows, classes]. Losses are summed in doubles.
double loss_and_delta(rules::OutputUnit output, std::span<const float> z,
                      std::span<const std::int32_t> labels, std::size_t classes,
                      std::span<float> delta, std::span<double> scratch);

}  // namespace annmpi::device::cpu::kernels
