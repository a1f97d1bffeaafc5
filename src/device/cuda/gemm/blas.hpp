#pragma once

#include <cublas_v2.h>

#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda {

/// A row-major matrix in device memory, rows `pitch` elements apart.
template <class Number>
struct Matrix {
  Number* data;
  long long rows;
  long long columns;
  long long pitch;
};

/// Products by cuBLAS: the same bits for the same shapes on the same GPU model.
class Blas {
 public:
  explicit Blas(cudaStream_t stream);
  Blas(const Blas&) = delete;
  Blas& operator=(const Blas&) = delete;
  ~Blas();

  /// C = A B^T + keep C:  A [m, k], B [n, k], C [m, n]
  template <class Number>
  void multiply_by_transposed(Matrix<const Number> A, Matrix<const Number> B, Number keep,
                              Matrix<Number> C) const;
  /// C = A B:  A [m, k], B [k, n], C [m, n]
  template <class Number>
  void multiply(Matrix<const Number> A, Matrix<const Number> B, Matrix<Number> C) const;
  /// C = A^T B:  A [k, m], B [k, n], C [m, n]
  template <class Number>
  void multiply_transposed(Matrix<const Number> A, Matrix<const Number> B, Matrix<Number> C) const;

 private:
  cublasHandle_t handle_ = nullptr;
  DeviceBuffer<std::byte> workspace_;  ///< of a fixed size, as results may depend on it
};

}  // namespace annmpi::device::cuda
