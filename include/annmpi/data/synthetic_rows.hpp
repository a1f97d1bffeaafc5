#pragma once

#include <cstddef>
#include <cstdint>

#include "annmpi/data/dataset.hpp"
#include "annmpi/data/host_block.hpp"

namespace annmpi::data {

/// The largest feature of made-up rows, as it is stored.
inline constexpr double largest_synthetic_feature = 250;

/// Rows of the shape of a set with whole numbers from 0 to 250 for features, in no order that
/// matters, and labels of all classes: to try devices on.
[[nodiscard]] HostBlock synthetic_rows(const Dataset& set, std::uint64_t rows, std::size_t classes);

}  // namespace annmpi::data
