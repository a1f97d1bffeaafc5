#pragma once

#include <cstdint>

namespace annmpi::device::cpu {

/// A hash of fixed products by OpenBLAS (matrix_product), in the shapes of chunks and layers, in
/// doubles and floats. Takes some milliseconds.
/// @throws Error if a repetition gives other bits, or another alignment of the matrices does:
/// chunks of rows begin anywhere.
[[nodiscard]] std::uint64_t blas_fingerprint();

}  // namespace annmpi::device::cpu
