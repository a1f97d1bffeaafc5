#include "cuda/blas_self_test.hpp"

#include <cmath>
#include <span>
#include <vector>

#include "annmpi/base/error.hpp"
#include "annmpi/base/hash.hpp"

namespace annmpi::cuda {
namespace {

constexpr long long rows = 96, inner = 131, columns = 37;

template <class Number>
std::vector<Number> numbers(long long count, double step) {
  std::vector<Number> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<Number>(std::sin(step * static_cast<double>(i) + 1));
  return values;
}

/// The bits of A B^T, a product as passes make it.
template <class Number>
std::vector<Number> product(const Blas& blas, cudaStream_t stream) {
  const auto a = numbers<Number>(rows * inner, 0.37);
  const auto b = numbers<Number>(columns * inner, 0.83);
  const DeviceBuffer<Number> A(a.size()), B(b.size()), C(rows * columns);
  copy(a.data(), A.data(), a.size(), cudaMemcpyHostToDevice, stream);
  copy(b.data(), B.data(), b.size(), cudaMemcpyHostToDevice, stream);
  blas.multiply_by_transposed<Number>({A.data(), rows, inner, inner},
                                      {B.data(), columns, inner, inner}, 0,
                                      {C.data(), rows, columns, columns});
  std::vector<Number> c(C.size());
  copy(C.data(), c.data(), c.size(), cudaMemcpyDeviceToHost, stream);
  wait_for(stream);
  return c;
}

template <class Number>
std::uint64_t fingerprint_of(const Blas& blas, cudaStream_t stream) {
  const auto once = product<Number>(blas, stream);
  require(once == product<Number>(blas, stream),
          "cuBLAS gives different results when it is asked again (the GPU or the library does not "
          "compute the same twice); use compute.device = \"cpu\"");
  return hash64(std::as_bytes(std::span(once)));
}

}  // namespace

std::uint64_t blas_fingerprint(const Blas& blas, cudaStream_t stream) {
  return fingerprint_of<double>(blas, stream) ^ (fingerprint_of<float>(blas, stream) << 1);
}

}  // namespace annmpi::cuda
