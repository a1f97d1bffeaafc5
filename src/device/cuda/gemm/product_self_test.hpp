#pragma once

#include <cstdint>

#include "device/cuda/gemm/blas.hpp"

/// Hashes of fixed products, to detect ranks whose GPUs or libraries compute different bits.
/// Both @throw Error if repeating a product changes its bits.
namespace annmpi::device::cuda {

/// By cuBLAS.
[[nodiscard]] std::uint64_t blas_fingerprint(const Blas& blas, cudaStream_t stream);

/// By the tensor cores in doubles, as in first layers of few units.
[[nodiscard]] std::uint64_t narrow_fingerprint(cudaStream_t stream);

}  // namespace annmpi::device::cuda
