#pragma once

#include <cstddef>
#include <cstdint>

#include "annmpi/data/dataset.hpp"
#include "annmpi/data/host_block.hpp"

namespace annmpi::data {

/// The largest feature of synthetic rows, as stored.
inline constexpr double largest_synthetic_feature = 250;

/// Rows of the shape of `set` for measurements and self-tests: whole numbers from 0 to 250 as
/// features, labels of all classes.
[[nodiscard]] HostBlock synthetic_rows(const Dataset& set, std::uint64_t rows, std::size_t classes);

}  // namespace annmpi::data
