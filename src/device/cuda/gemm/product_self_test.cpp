#include "device/cuda/gemm/product_self_test.hpp"

#include <cmath>
#include <span>
#include <string_view>
#include <vector>

#include "annmpi/base/error.hpp"
#include "annmpi/base/hash.hpp"

#include "device/cuda/narrow/narrow_products.hpp"

namespace annmpi::device::cuda {
namespace {

constexpr int rows = 96, inner = 132, columns = 37;

template <class Number>
DeviceBuffer<Number> numbers(int count, double step, cudaStream_t stream) {
  std::vector<Number> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<Number>(std::sin(step * static_cast<double>(i) + 1));
  DeviceBuffer<Number> buffer(values.size());
  copy(values.data(), buffer.data(), values.size(), cudaMemcpyHostToDevice, stream);
  wait_for(stream);
  return buffer;
}

/// A hash of the result of multiply(C), [rows, columns].
template <class Number, class Multiply>
std::uint64_t fingerprint_of(std::string_view who, cudaStream_t stream, const Multiply& multiply) {
  const auto product = [&] {
    const DeviceBuffer<Number> C(rows * columns);
    multiply(C.data());
    std::vector<Number> c(C.size());
    copy(C.data(), c.data(), c.size(), cudaMemcpyDeviceToHost, stream);
    wait_for(stream);
    return c;
  };
  const std::vector<Number> once = product();
  require(once == product(),
          "{} gives different results for the same product (the GPU or the library is not "
          "reproducible); use compute.device = \"cpu\"",
          who);
  return hash64(std::as_bytes(std::span(once)));
}

/// Of A B^T.
template <class Number>
std::uint64_t fingerprint_of(const Blas& blas, cudaStream_t stream) {
  const auto A = numbers<Number>(rows * inner, 0.37, stream);
  const auto B = numbers<Number>(columns * inner, 0.83, stream);
  return fingerprint_of<Number>("cuBLAS", stream, [&](Number* C) {
    blas.multiply_by_transposed<Number>({A.data(), rows, inner, inner},
                                        {B.data(), columns, inner, inner}, 0,
                                        {C, rows, columns, columns});
  });
}

}  // namespace

std::uint64_t blas_fingerprint(const Blas& blas, cudaStream_t stream) {
  return fingerprint_of<double>(blas, stream) ^ (fingerprint_of<float>(blas, stream) << 1);
}

std::uint64_t narrow_fingerprint(cudaStream_t stream) {
  const auto X = numbers<float>(rows * inner, 0.37, stream);
  const auto parameters = numbers<double>(columns * (1 + inner), 0.83, stream);
  return fingerprint_of<double>("the GPU", stream, [&](double* Z) {
    start_narrow_forward<float>({{X.data(), rows, inner, inner}, Z}, {}, parameters.data(), 1,
                                columns, 0, stream);
  });
}

}  // namespace annmpi::device::cuda
