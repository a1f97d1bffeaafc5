#pragma once

#include <cstdint>

#include "device/cuda/gemm/blas.hpp"

/// Hashes of fixed products: ranks whose GPUs or libraries give different ones would part.
/// Both @throw Error if the products are not the same when they are repeated.
namespace annmpi::device::cuda {

/// By cuBLAS.
[[nodiscard]] std::uint64_t blas_fingerprint(const Blas& blas, cudaStream_t stream);

/// By the tensor cores in doubles, as first layers of few units make them.
[[nodiscard]] std::uint64_t narrow_fingerprint(cudaStream_t stream);

}  // namespace annmpi::device::cuda
