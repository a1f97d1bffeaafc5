#pragma once

#include <cstdint>

#include "cuda/blas.hpp"

namespace annmpi::cuda {

/// A hash of fixed products by cuBLAS: ranks whose GPUs or libraries give different ones would
/// part.
/// @throws Error if the products are not the same when they are repeated.
[[nodiscard]] std::uint64_t blas_fingerprint(const Blas& blas, cudaStream_t stream);

}  // namespace annmpi::cuda
