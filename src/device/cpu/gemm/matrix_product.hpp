#pragma once

#include <cstddef>

#include "device/cpu/gemm/blas.hpp"

/// The matrix products of a layer by BLAS, row-major, in doubles or floats. Shapes must depend on
/// the chunk and the network alone, never on the number of ranks: BLAS gives other bits for other
/// shapes.
namespace annmpi::device::cpu {

/// A row-major matrix: element (i, j) is data[i * stride + j].
template <class T>
struct Matrix {
  T* data;
  std::size_t stride;
};

namespace detail {
inline blasint blas_int(std::size_t value) {
  return static_cast<blasint>(value);
}

/// c = beta c + op(a) op(b)
inline void gemm(CBLAS_TRANSPOSE trans_a, CBLAS_TRANSPOSE trans_b, std::size_t m, std::size_t n,
                 std::size_t k, Matrix<const float> a, Matrix<const float> b, float beta,
                 Matrix<float> c) {
  blas().sgemm(CblasRowMajor, trans_a, trans_b, blas_int(m), blas_int(n), blas_int(k), 1.0F, a.data,
               blas_int(a.stride), b.data, blas_int(b.stride), beta, c.data, blas_int(c.stride));
}
inline void gemm(CBLAS_TRANSPOSE trans_a, CBLAS_TRANSPOSE trans_b, std::size_t m, std::size_t n,
                 std::size_t k, Matrix<const double> a, Matrix<const double> b, double beta,
                 Matrix<double> c) {
  blas().dgemm(CblasRowMajor, trans_a, trans_b, blas_int(m), blas_int(n), blas_int(k), 1.0, a.data,
               blas_int(a.stride), b.data, blas_int(b.stride), beta, c.data, blas_int(c.stride));
}
}  // namespace detail

/// c [m, n] = c + a [m, k] b^T, with b [n, k]
template <class Real>
void add_product_nt(std::size_t m, std::size_t n, std::size_t k, Matrix<const Real> a,
                    Matrix<const Real> b, Matrix<Real> c) {
  detail::gemm(CblasNoTrans, CblasTrans, m, n, k, a, b, 1, c);
}

/// c [m, n] = a [m, k] b [k, n]
template <class Real>
void set_product_nn(std::size_t m, std::size_t n, std::size_t k, Matrix<const Real> a,
                    Matrix<const Real> b, Matrix<Real> c) {
  detail::gemm(CblasNoTrans, CblasNoTrans, m, n, k, a, b, 0, c);
}

/// c [m, n] = c + a^T b, with a [k, m] and b [k, n]
template <class Real>
void add_product_tn(std::size_t m, std::size_t n, std::size_t k, Matrix<const Real> a,
                    Matrix<const Real> b, Matrix<Real> c) {
  detail::gemm(CblasTrans, CblasNoTrans, m, n, k, a, b, 1, c);
}

/// c [m, n] = a [m, k] b^T, with b [n, k]
template <class Real>
void set_product_nt(std::size_t m, std::size_t n, std::size_t k, Matrix<const Real> a,
                    Matrix<const Real> b, Matrix<Real> c) {
  detail::gemm(CblasNoTrans, CblasTrans, m, n, k, a, b, 0, c);
}

/// c [m, n] = a^T b, with a [k, m] and b [k, n]
template <class Real>
void set_product_tn(std::size_t m, std::size_t n, std::size_t k, Matrix<const Real> a,
                    Matrix<const Real> b, Matrix<Real> c) {
  detail::gemm(CblasTrans, CblasNoTrans, m, n, k, a, b, 0, c);
}

}  // namespace annmpi::device::cpu
