#include "device/cuda/gemm/blas.hpp"

#include <stdexcept>
#include <type_traits>

#include <fmt/format.h>

namespace annmpi::device::cuda {
namespace {

constexpr std::size_t workspace_bytes = std::size_t{32} << 20;

void check(cublasStatus_t status, const char* doing) {
  if (status != CUBLAS_STATUS_SUCCESS)
    throw std::runtime_error(
        fmt::format("cuBLAS failed while {} ({})", doing, cublasGetStatusString(status)));
}

/// cuBLAS is column-major, so it sees the transpose of each matrix.
template <class Number>
void gemm(cublasHandle_t handle, cublasOperation_t a, cublasOperation_t b, long long m, long long n,
          long long k, Matrix<const Number> A, Matrix<const Number> B, Number beta,
          Matrix<Number> C) {
  const Number one = 1;
  const auto small = [](long long size) { return static_cast<int>(size); };
  const auto call = [&](auto function) {
    check(function(handle, a, b, small(m), small(n), small(k), &one, A.data, small(A.pitch), B.data,
                   small(B.pitch), &beta, C.data, small(C.pitch)),
          "multiplying matrices");
  };
  if constexpr (std::is_same_v<Number, double>)
    call(cublasDgemm);
  else
    call(cublasSgemm);
}

}  // namespace

Blas::Blas(cudaStream_t stream) : workspace_(workspace_bytes) {
  check(cublasCreate(&handle_), "starting");
  check(cublasSetStream(handle_, stream), "taking a stream");
  check(cublasSetWorkspace(handle_, workspace_.data(), workspace_bytes), "taking memory");
  // No reduced precision (TF32), and no atomics, whose order of summation varies.
  check(cublasSetMathMode(handle_, CUBLAS_DEFAULT_MATH), "choosing its arithmetic");
  check(cublasSetAtomicsMode(handle_, CUBLAS_ATOMICS_NOT_ALLOWED), "choosing its arithmetic");
}

Blas::~Blas() {
  cublasDestroy(handle_);
}

template <class Number>
void Blas::multiply_by_transposed(Matrix<const Number> A, Matrix<const Number> B, Number keep,
                                  Matrix<Number> C) const {
  gemm<Number>(handle_, CUBLAS_OP_T, CUBLAS_OP_N, B.rows, A.rows, A.columns, B, A, keep, C);
}

template <class Number>
void Blas::multiply(Matrix<const Number> A, Matrix<const Number> B, Matrix<Number> C) const {
  gemm<Number>(handle_, CUBLAS_OP_N, CUBLAS_OP_N, B.columns, A.rows, A.columns, B, A, 0, C);
}

template <class Number>
void Blas::multiply_transposed(Matrix<const Number> A, Matrix<const Number> B,
                               Matrix<Number> C) const {
  gemm<Number>(handle_, CUBLAS_OP_N, CUBLAS_OP_T, B.columns, A.columns, A.rows, B, A, 0, C);
}

template void Blas::multiply_by_transposed(Matrix<const double>, Matrix<const double>, double,
                                           Matrix<double>) const;
template void Blas::multiply_by_transposed(Matrix<const float>, Matrix<const float>, float,
                                           Matrix<float>) const;
template void Blas::multiply(Matrix<const double>, Matrix<const double>, Matrix<double>) const;
template void Blas::multiply_transposed(Matrix<const double>, Matrix<const double>,
                                        Matrix<double>) const;
template void Blas::multiply_transposed(Matrix<const float>, Matrix<const float>,
                                        Matrix<float>) const;

}  // namespace annmpi::device::cuda
