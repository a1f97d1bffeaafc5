#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace annmpi::device::cpu::kernels {

/// Number of rows that are put in the class of their label (predicted_class in network/network).
/// z [rows, classes] dense; labels [rows], each in [0, classes). A row whose label has the logit
/// NaN is no hit. Real is double or float.
template <class Real>
[[nodiscard]] std::int64_t count_hits(std::span<const Real> z, std::span<const std::int32_t> labels,
                                      std::size_t classes);

}  // namespace annmpi::device::cpu::kernels
