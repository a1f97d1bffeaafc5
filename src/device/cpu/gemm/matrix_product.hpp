#pragma once

#include <cstddef>

#include "device/cpu/gemm/blas.hpp"

/// The three matrix products of a layer, row-major, by BLAS, in doubles or in floats. Every shape
/// depends on the chunk and the network alone, never on the number of ranks: BLAS gives other bits
/// for other shapes.
namespace annmpi::device::cpu {

/// A matrix in memory: element (i, j) lies at data[i * stride + j].
template <class T>
struct Matrix {
  T* data;
  std::size_t stride;
};

namespace detail {
inline blasint number(std::size_t value) {
  return static_cast<blasint>(value);
}

/// c = keep c + a b, with the factors transposed as `how` says; keep is 0 or 1.
inline void gemm(CBLAS_TRANSPOSE how_a, CBLAS_TRANSPOSE how_b, std::size_t m, std::size_t n,
                 std::size_t k, Matrix<const float> a, Matrix<const float> b, float keep,
                 Matrix<float> c) {
  blas().sgemm(CblasRowMajor, how_a, how_b, number(m), number(n), number(k), 1.0F, a.data,
               number(a.stride), b.data, number(b.stride), keep, c.data, number(c.stride));
}
inline void gemm(CBLAS_TRANSPOSE how_a, CBLAS_TRANSPOSE how_b, std::size_t m, std::size_t n,
                 std::size_t k, Matrix<const double> a, Matrix<const double> b, double keep,
                 Matrix<double> c) {
  blas().dgemm(CblasRowMajor, how_a, how_b, number(m), number(n), number(k), 1.0, a.data,
               number(a.stride), b.data, number(b.stride), keep, c.data, number(c.stride));
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
