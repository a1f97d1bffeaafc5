#pragma once

#include <array>
#include <string_view>

namespace annmpi::rules {

/// Output units, each with its cross-entropy loss; their formulas are in rules/losses/.
enum class OutputUnit { sigmoid, softmax };
inline constexpr std::array<std::string_view, 2> output_names{"sigmoid", "softmax"};

/// Upper bound of |d loss / d z| of a class, on which exact sums rely.
[[nodiscard]] double largest_delta(OutputUnit output);

}  // namespace annmpi::rules
