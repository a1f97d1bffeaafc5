#include "device/cpu/gemm/blas_self_test.hpp"

#include <cstddef>
#include <span>

#include "annmpi/base/error.hpp"
#include "annmpi/base/hash.hpp"

#include "device/cpu/gemm/matrix_product.hpp"
#include "device/cpu/simd/aligned_vector.hpp"

namespace annmpi::device::cpu {
namespace {

/// A layer on a chunk: a [rows, inputs], W [outputs, inputs], z and delta [rows, outputs].
struct Shape {
  std::size_t rows;
  std::size_t outputs;
  std::size_t inputs;
};

/// Whole chunks and the end of a data set; multiples of the kernels' blocks and others, and a small
/// product, for which OpenBLAS has other code.
constexpr Shape shapes[] = {{96, 64, 1024}, {96, 33, 257}, {512, 70, 100}, {7, 40, 50}};

/// Numbers that begin `offset` elements behind a cache line boundary.
template <class Real>
class Numbers {
 public:
  /// Fixed values in [-1, 1): multiples of the golden ratio, modulo 2.
  Numbers(std::size_t count, std::size_t offset) : offset_(offset), memory_(offset + count) {
    std::uint32_t bits = 0;
    for (Real& value : values())
      value = static_cast<Real>(static_cast<std::int32_t>(bits += 2654435769U)) * Real{0x1p-31};
  }

  [[nodiscard]] std::span<Real> values() { return std::span(memory_).subspan(offset_); }
  [[nodiscard]] Real* data() { return memory_.data() + offset_; }

 private:
  std::size_t offset_;
  kernels::AlignedVector<Real> memory_;
};

/// Continues `hash` with all products of one shape.
template <class Real>
std::uint64_t hash_of_products(const Shape& shape, std::size_t offset, std::uint64_t hash) {
  const std::size_t m = shape.rows, n = shape.outputs, k = shape.inputs;
  Numbers<Real> features(m * k, offset), parameters(n * (1 + k), offset), deltas(m * n, offset);
  const Matrix<const Real> a{features.data(), k};
  const Matrix<const Real> W{parameters.data() + 1, 1 + k};
  const Matrix<const Real> delta{deltas.data(), n};
  const auto add = [&](std::size_t count, auto&& product) {
    Numbers<Real> out(count, offset);
    product(out.data());
    hash = hash64(std::as_bytes(out.values()), hash);
  };
  add(m * n, [&](Real* z) { set_product_nt<Real>(m, n, k, a, W, {z, n}); });
  add(n * (1 + k), [&](Real* g) { set_product_tn<Real>(n, k, m, delta, a, {g + 1, 1 + k}); });
  add(m * n, [&](Real* z) { add_product_nt<Real>(m, n, k, a, W, {z, n}); });
  add(n * (1 + k), [&](Real* g) { add_product_tn<Real>(n, k, m, delta, a, {g + 1, 1 + k}); });
  add(m * k, [&](Real* below) { set_product_nn<Real>(m, k, n, delta, W, {below, k}); });
  return hash;
}

std::uint64_t hash_of_all(std::size_t offset) {
  std::uint64_t hash = 0;
  for (const Shape& shape : shapes) {
    hash = hash_of_products<double>(shape, offset, hash);
    hash = hash_of_products<float>(shape, offset, hash);
  }
  return hash;
}

}  // namespace

std::uint64_t blas_fingerprint() {
  const std::uint64_t hash = hash_of_all(0);
  const auto require_same = [&](std::uint64_t other, const char* when) {
    require(other == hash,
            "OpenBLAS for {} gives other bits when {} (runs would not be reproducible); choose "
            "other kernels with OPENBLAS_CORETYPE",
            blas().core, when);
  };
  require_same(hash_of_all(0), "a product is repeated");
  require_same(hash_of_all(1), "a matrix begins elsewhere in memory");
  return hash;
}

}  // namespace annmpi::device::cpu
