#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "annmpi/io/hdf5.hpp"

namespace annmpi::data {

/// Pointers to the rows of a mini-batch in host memory, in the batch's order.
struct Batch {
  io::ElementType type;                        ///< of the features
  std::span<const std::byte* const> features;  ///< [rows], as stored, each aligned for its type
  std::span<const std::int32_t> labels;        ///< [rows]
};

}  // namespace annmpi::data
