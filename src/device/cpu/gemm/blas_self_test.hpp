#pragma once

#include <cstdint>

namespace annmpi::device::cpu {

/// A hash of fixed products by OpenBLAS, in the shapes of chunks and layers, in doubles and floats,
/// each of the three that layers are made of (matrix_product). Takes some milliseconds.
/// @throws Error if they come out with other bits when they are repeated, or where the matrices
/// begin elsewhere in memory: chunks of rows begin anywhere.
[[nodiscard]] std::uint64_t blas_fingerprint();

}  // namespace annmpi::device::cpu
