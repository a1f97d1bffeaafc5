#pragma once

// The cuBLAS functions that the GPU module uses, as plain loops.

#include "cuda_runtime.h"

enum cublasStatus_t { CUBLAS_STATUS_SUCCESS = 0, CUBLAS_STATUS_INVALID_VALUE = 7 };
enum cublasOperation_t { CUBLAS_OP_N = 0, CUBLAS_OP_T = 1 };
enum cublasMath_t { CUBLAS_DEFAULT_MATH = 0, CUBLAS_PEDANTIC_MATH = 2 };
enum cublasAtomicsMode_t { CUBLAS_ATOMICS_NOT_ALLOWED = 0 };
struct cublasContext {
  cudaStream_t stream;
};
using cublasHandle_t = cublasContext*;

inline cublasStatus_t cublasCreate(cublasHandle_t* handle) {
  *handle = new cublasContext{};
  return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasDestroy(cublasHandle_t handle) {
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasSetStream(cublasHandle_t handle, cudaStream_t stream) {
  handle->stream = stream;
  return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasSetMathMode(cublasHandle_t, cublasMath_t) {
  return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasSetAtomicsMode(cublasHandle_t, cublasAtomicsMode_t) {
  return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasSetWorkspace(cublasHandle_t, void*, std::size_t) {
  return CUBLAS_STATUS_SUCCESS;
}
inline const char* cublasGetStatusString(cublasStatus_t) {
  return "an error of the emulation";
}

namespace emulation {
/// C = alpha op(A) op(B) + beta C, column-major: C [m, n].
template <class T>
cublasStatus_t multiply(cublasHandle_t handle, cublasOperation_t a, cublasOperation_t b, int m,
                        int n, int k, T alpha, const T* A, int lda, const T* B, int ldb, T beta,
                        T* C, int ldc) {
  if (m < 0 || n < 0 || k < 0 || lda < (a == CUBLAS_OP_N ? m : k) ||
      ldb < (b == CUBLAS_OP_N ? k : n) || ldc < m)
    return CUBLAS_STATUS_INVALID_VALUE;
  const auto at = [](int row, int column, int ld) {
    return static_cast<std::ptrdiff_t>(column) * ld + row;
  };
  ++annmpi::tests::calls().products;
  give(handle->stream, [=] {
    for (int j = 0; j < n; ++j)
      for (int i = 0; i < m; ++i) {
        T sum = 0;
        for (int l = 0; l < k; ++l)
          sum += A[a == CUBLAS_OP_N ? at(i, l, lda) : at(l, i, lda)] *
                 B[b == CUBLAS_OP_N ? at(l, j, ldb) : at(j, l, ldb)];
        T& to = C[at(i, j, ldc)];
        to = beta == 0 ? alpha * sum : alpha * sum + beta * to;
      }
  });
  return CUBLAS_STATUS_SUCCESS;
}
}  // namespace emulation

inline cublasStatus_t cublasDgemm(cublasHandle_t handle, cublasOperation_t a, cublasOperation_t b,
                                  int m, int n, int k, const double* alpha, const double* A,
                                  int lda, const double* B, int ldb, const double* beta, double* C,
                                  int ldc) {
  return emulation::multiply(handle, a, b, m, n, k, *alpha, A, lda, B, ldb, *beta, C, ldc);
}
inline cublasStatus_t cublasSgemm(cublasHandle_t handle, cublasOperation_t a, cublasOperation_t b,
                                  int m, int n, int k, const float* alpha, const float* A, int lda,
                                  const float* B, int ldb, const float* beta, float* C, int ldc) {
  return emulation::multiply(handle, a, b, m, n, k, *alpha, A, lda, B, ldb, *beta, C, ldc);
}
