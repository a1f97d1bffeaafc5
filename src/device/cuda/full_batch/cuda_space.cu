#include <algorithm>
#include <utility>

#include "device/cuda/full_batch/cuda_space.hpp"
#include "device/cuda/runtime/completion_flag.cuh"
#include "device/cuda/runtime/elements.cuh"
#include "device/cuda/runtime/launch.hpp"
#include "device/cuda/runtime/reduce.cuh"

namespace annmpi::device::cuda {
namespace {

constexpr unsigned threads = 256;
/// Dots per kernel, and vectors per combining kernel, limited by 4 KiB of kernel arguments.
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

/// Reductions of one kernel: dots of pairs of vectors, and the largest magnitude of one vector.
struct Questions {
  unsigned pairs;
  const double* largest_of;  ///< null: none
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

/// results[y] for y = blockIdx.y: the dot of pair y over the selected elements, summed by threads,
/// then by blocks, then over the blocks' partial sums [gridDim.y][gridDim.x]. The row after the
/// pairs is the largest magnitude.
template <class Counts>
__global__ void answer(Questions questions, Counts counts, long long count, double* partial,
                       unsigned* counter, double* results, CompletionFlag report) {
  __shared__ double warps[threads / warp_size];
  const LargerMagnitude larger;
  if (blockIdx.y < questions.pairs) {
    const double* const left = questions.left[blockIdx.y];
    const double* const right = questions.right[blockIdx.y];
    double sum = 0;
    for (long long i = first_element(); i < count; i += all_threads())
      if (counts(i)) sum = __fma_rn(left[i], right[i], sum);
    sum = over_block(sum, 0.0, Add(), warps);
    if (threadIdx.x == 0) partial[blockIdx.y * gridDim.x + blockIdx.x] = sum;
  } else {
    double largest = 0;
    for (long long i = first_element(); i < count; i += all_threads())
      largest = larger(largest, questions.largest_of[i]);
    largest = over_block(largest, 0.0, larger, warps);
    if (threadIdx.x == 0) partial[blockIdx.y * gridDim.x + blockIdx.x] = largest;
  }
  if (!is_last_block(counter, gridDim.x * gridDim.y)) return;
  for (unsigned y = threadIdx.x / warp_size; y < gridDim.y; y += threads / warp_size) {
    const bool adds = y < questions.pairs;
    double all = 0;
    for (unsigned x = threadIdx.x % warp_size; x < gridDim.x; x += warp_size) {
      const double of_block = partial[y * gridDim.x + x];
      all = adds ? __dadd_rn(all, of_block) : larger(all, of_block);
    }
    all = adds ? over_warp(all, Add()) : over_warp(all, larger);
    if (threadIdx.x % warp_size == 0) results[y] = all;
  }
  __threadfence_system();
  __syncthreads();
  if (threadIdx.x == 0) set_flag_last(counter, 1, report);
}

}  // namespace

CudaSpace::CudaSpace(std::size_t dimension, cudaStream_t stream, CompletionFlags& reports)
    : dimension_(dimension),
      stream_(stream),
      flags_(reports),
      // Depends on the dimension alone, as it determines the order of sums.
      blocks_(static_cast<unsigned>(
          std::clamp<std::size_t>(ceil_div<std::size_t>(dimension, 4 * threads), 1, 256))),
      partial_(std::size_t{most_sums + 1} * blocks_),
      counter_(1),
      results_(most_sums + 1),
      weight_results_(3) {
  counter_.clear(stream_);
}

std::unique_ptr<Vector> CudaSpace::zero() const {
  auto vector = std::make_unique<CudaVector>(dimension_);
  vector->values.clear(stream_);
  return vector;
}

void CudaSpace::download(const Vector& from, std::span<double> to) const {
  cuda::copy(elements(from), to.data(), to.size(), cudaMemcpyDeviceToHost, stream_);
  flags_.wait();
}

void CudaSpace::upload(std::span<const double> from, Vector& to) const {
  cuda::copy(from.data(), elements(to), from.size(), cudaMemcpyHostToDevice, stream_);
  flags_.wait();
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

/// Launches a limited number of pairs per kernel; the last kernel also finds the largest magnitude
/// of `largest_of`, unless it is null.
double CudaSpace::ask(std::span<const DotPair> pairs, std::span<double> dots,
                      const double* largest_of) const {
  std::size_t first = 0;
  do {
    const std::size_t count = std::min<std::size_t>(most_sums, pairs.size() - first);
    const bool is_last = first + count == pairs.size();
    Questions questions{};
    questions.pairs = static_cast<unsigned>(count);
    questions.largest_of = is_last ? largest_of : nullptr;
    for (std::size_t i = 0; i < count; ++i) {
      questions.left[i] = elements(*pairs[first + i].left);
      questions.right[i] = elements(*pairs[first + i].right);
    }
    const unsigned numbers = questions.pairs + (questions.largest_of != nullptr ? 1 : 0);
    if (numbers == 0) return 0;
    launch(answer<AllElements>, {blocks_, numbers}, threads, 0, stream_, questions, AllElements(),
           static_cast<long long>(dimension_), partial_.data(), counter_.data(), results_.data(),
           flags_.next());
    flags_.wait_for(flags_.given());
    std::copy_n(results_.data(), count, dots.begin() + static_cast<std::ptrdiff_t>(first));
    first += count;
    if (is_last) return largest_of != nullptr ? results_.values()[count] : 0;
  } while (true);
}

void CudaSpace::multi_dot(std::span<const DotPair> pairs, std::span<double> dots) const {
  ask(pairs, dots, nullptr);
}

double CudaSpace::max_abs(const Vector& x) const {
  return ask({}, {}, elements(x));
}

double CudaSpace::multi_dot_and_max_abs(std::span<const DotPair> pairs, std::span<double> dots,
                                        const Vector& x) const {
  return ask(pairs, dots, elements(x));
}

void CudaSpace::start_weight_dots(const LayerTable& layers, const double* theta,
                                  const double* direction) {
  weight_dots_ = direction != nullptr ? 3 : 1;
  const Questions questions{
      weight_dots_, nullptr, {theta, theta, direction}, {theta, direction, direction}};
  launch(answer<WeightsAlone>, {blocks_, weight_dots_}, threads, 0, stream_, questions,
         WeightsAlone{layers}, static_cast<long long>(dimension_), partial_.data(), counter_.data(),
         weight_results_.data(), flags_.next());
  weight_flag_ = flags_.given();
}

std::span<const double> CudaSpace::weight_dots() const {
  flags_.wait_for(weight_flag_);
  return weight_results_.values().first(weight_dots_);
}

}  // namespace annmpi::device::cuda
