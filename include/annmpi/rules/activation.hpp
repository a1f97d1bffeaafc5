#pragma once

#include <array>
#include <string_view>

namespace annmpi::rules {

/// Activation functions of hidden units; their formulas are in rules/activations/.
enum class Activation { sigmoid, tanh, relu, gelu, silu, leaky_relu, elu };
inline constexpr std::array<std::string_view, 7> activation_names{
    "sigmoid", "tanh", "relu", "gelu", "silu", "leaky_relu", "elu"};

/// Whether the derivative is computed from z, so that passes must keep z beside act(z).
[[nodiscard]] bool needs_argument(Activation activation);

/// Upper bounds of |act(z)| and |act'(z)| for |z| <= most, on which exact sums rely. `most` may be
/// infinite; NaN stays NaN where the bound depends on it.
[[nodiscard]] double largest_value(Activation activation, double most);
[[nodiscard]] double largest_derivative(Activation activation, double most);

}  // namespace annmpi::rules
