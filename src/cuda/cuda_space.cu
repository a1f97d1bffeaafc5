#include <algorithm>
#include <utility>

#include "cuda/cuda_space.hpp"
#include "cuda/kernels/elements.cuh"
#include "cuda/kernels/reduce.cuh"
#include "cuda/launch.hpp"

namespace annmpi::cuda {
namespace {

constexpr unsigned threads = 256;
/// Sums that go through the vectors together, and vectors that are combined by one kernel: kernels
/// take up to 4 KiB of arguments.
constexpr unsigned most_sums = 64;
constexpr unsigned most_terms = 128;

__global__ void add_scaled(double a, const double* x, double* y, long long count) {
  for (long long i = first_element(); i < count; i += all_threads())
    y[i] = __dadd_rn(y[i], __dmul_rn(a, x[i]));
}

struct Terms {
  unsigned count;
  double coefficients[most_terms];
  const double* vectors[most_terms];
};

/// result = start + sum of terms, in this order, each product and sum rounded; `start` may be null.
__global__ void combine(Terms terms, const double* start, double* result, long long count) {
  for (long long i = first_element(); i < count; i += all_threads()) {
    double sum = start != nullptr ? start[i] : 0.0;
    for (unsigned k = 0; k < terms.count; ++k)
      sum = __dadd_rn(sum, __dmul_rn(terms.coefficients[k], terms.vectors[k][i]));
    result[i] = sum;
  }
}

struct Pairs {
  const double* left[most_sums];
  const double* right[most_sums];
};

struct AllElements {
  __device__ bool operator()(long long) const { return true; }
};
struct WeightsAlone {
  LayerTable layers;
  __device__ bool operator()(long long element) const { return !layers.is_bias(element); }
};

/// results[y] = sum of products of pair y over the elements that count, y the second index of the
/// grid: by threads, blocks and at last over the blocks' partial sums [gridDim.y][gridDim.x].
template <class Counts>
__global__ void multiply_pairs(Pairs pairs, Counts counts, long long count, double* partial,
                               unsigned* counter, double* results) {
  __shared__ double warps[threads / warp_size];
  const double* const left = pairs.left[blockIdx.y];
  const double* const right = pairs.right[blockIdx.y];
  double sum = 0;
  for (long long i = first_element(); i < count; i += all_threads())
    if (counts(i)) sum = __fma_rn(left[i], right[i], sum);
  sum = over_block(sum, 0.0, Add(), warps);
  if (threadIdx.x == 0) partial[blockIdx.y * gridDim.x + blockIdx.x] = sum;
  if (!is_last_block(counter, gridDim.x * gridDim.y)) return;
  for (unsigned y = threadIdx.x / warp_size; y < gridDim.y; y += threads / warp_size) {
    double all = 0;
    for (unsigned x = threadIdx.x % warp_size; x < gridDim.x; x += warp_size)
      all = __dadd_rn(all, partial[y * gridDim.x + x]);
    all = over_warp(all, Add());
    if (threadIdx.x % warp_size == 0) results[y] = all;
  }
}

__global__ void find_largest(const double* x, long long count, double* partial, unsigned* counter,
                             double* result) {
  __shared__ double warps[threads / warp_size];
  const LargerMagnitude larger;
  double largest = 0;
  for (long long i = first_element(); i < count; i += all_threads())
    largest = larger(largest, x[i]);
  largest = over_block(largest, 0.0, larger, warps);
  if (threadIdx.x == 0) partial[blockIdx.x] = largest;
  if (!is_last_block(counter, gridDim.x)) return;
  double all = 0;
  for (unsigned i = threadIdx.x; i < gridDim.x; i += threads) all = larger(all, partial[i]);
  all = over_block(all, 0.0, larger, warps);
  if (threadIdx.x == 0) *result = all;
}

}  // namespace

CudaSpace::CudaSpace(std::size_t dimension, cudaStream_t stream, std::function<void()> wait)
    : dimension_(dimension),
      stream_(stream),
      wait_(std::move(wait)),
      // A function of the dimension: the order of sums hangs on it.
      blocks_(static_cast<unsigned>(
          std::clamp<std::size_t>(parts_of<std::size_t>(dimension, 4 * threads), 1, 256))),
      partial_(std::size_t{most_sums} * blocks_),
      counter_(1),
      results_(most_sums) {
  counter_.clear(stream_);
}

std::unique_ptr<Vector> CudaSpace::zero() const {
  auto vector = std::make_unique<CudaVector>(dimension_);
  vector->values.clear(stream_);
  return vector;
}

void CudaSpace::copy(const Vector& from, Vector& to) const {
  cuda::copy(elements(from), elements(to), dimension_, cudaMemcpyDeviceToDevice, stream_);
}

void CudaSpace::axpy(double a, const Vector& x, Vector& y) const {
  launch_for_each(add_scaled, static_cast<long long>(dimension_), stream_, a, elements(x),
                  elements(y), static_cast<long long>(dimension_));
}

void CudaSpace::linear_combination(std::span<const double> coefficients,
                                   std::span<const Vector* const> vectors, Vector& result) const {
  const double* start = nullptr;
  std::size_t first = 0;
  do {
    Terms terms{};
    const std::size_t count = std::min<std::size_t>(most_terms, vectors.size() - first);
    terms.count = static_cast<unsigned>(count);
    for (std::size_t k = 0; k < count; ++k) {
      terms.coefficients[k] = coefficients[first + k];
      terms.vectors[k] = elements(*vectors[first + k]);
    }
    first += count;
    if (first < vectors.size()) scratch_.reserve(dimension_);
    double* const to = first < vectors.size() ? scratch_.data() : elements(result);
    launch_for_each(combine, static_cast<long long>(dimension_), stream_, terms, start, to,
                    static_cast<long long>(dimension_));
    start = to;
  } while (first < vectors.size());
}

void CudaSpace::multi_dot(std::span<const DotPair> pairs, std::span<double> dots) const {
  for (std::size_t first = 0; first < pairs.size(); first += most_sums) {
    const std::size_t count = std::min<std::size_t>(most_sums, pairs.size() - first);
    Pairs some{};
    for (std::size_t i = 0; i < count; ++i) {
      some.left[i] = elements(*pairs[first + i].left);
      some.right[i] = elements(*pairs[first + i].right);
    }
    launch(multiply_pairs<AllElements>, {blocks_, static_cast<unsigned>(count)}, threads, 0,
           stream_, some, AllElements(), static_cast<long long>(dimension_), partial_.data(),
           counter_.data(), results_.data());
    wait_();
    std::copy_n(results_.data(), count, dots.begin() + static_cast<std::ptrdiff_t>(first));
  }
}

void CudaSpace::weight_dots(const LayerTable& layers, const double* theta, const double* direction,
                            std::span<double> dots) const {
  const Pairs pairs{{theta, theta, direction}, {theta, direction, direction}};
  const std::size_t count = direction != nullptr ? 3 : 1;
  launch(multiply_pairs<WeightsAlone>, {blocks_, static_cast<unsigned>(count)}, threads, 0, stream_,
         pairs, WeightsAlone{layers}, static_cast<long long>(dimension_), partial_.data(),
         counter_.data(), results_.data());
  wait_();
  std::copy_n(results_.data(), count, dots.begin());
}

double CudaSpace::max_abs(const Vector& x) const {
  launch(find_largest, {blocks_}, threads, 0, stream_, elements(x),
         static_cast<long long>(dimension_), partial_.data(), counter_.data(), results_.data());
  wait_();
  return results_.values()[0];
}

}  // namespace annmpi::cuda
