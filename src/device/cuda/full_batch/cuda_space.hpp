#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "annmpi/base/vector_space.hpp"

#include "device/cuda/layers/layer_table.hpp"
#include "device/cuda/runtime/completion_flags.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda {

/// A vector in device memory.
class CudaVector final : public Vector {
 public:
  explicit CudaVector(std::size_t dimension) : values(dimension) {}
  DeviceBuffer<double> values;
};

[[nodiscard]] inline const double* elements(const Vector& vector) {
  return static_cast<const CudaVector&>(vector).values.data();
}
[[nodiscard]] inline double* elements(Vector& vector) {
  return static_cast<CudaVector&>(vector).values.data();
}

/// Linear algebra on the GPU. Operations that modify vectors give the same bits as the CPU's space.
/// Dots are summed in a different order, which depends on the dimension alone.
class CudaSpace final : public VectorSpace {
 public:
  /// Scalars are read back after the completion flags `reports` of the same stream.
  CudaSpace(std::size_t dimension, cudaStream_t stream, CompletionFlags& reports);

  [[nodiscard]] std::size_t dimension() const override { return dimension_; }
  [[nodiscard]] std::unique_ptr<Vector> zero() const override;
  void download(const Vector& from, std::span<double> to) const override;
  void upload(std::span<const double> from, Vector& to) const override;
  void copy(const Vector& from, Vector& to) const override;
  void axpy(double a, const Vector& x, Vector& y) const override;
  void linear_combination(std::span<const double> coefficients,
                          std::span<const Vector* const> vectors, Vector& result) const override;
  void multi_dot(std::span<const DotPair> pairs, std::span<double> dots) const override;
  [[nodiscard]] double max_abs(const Vector& x) const override;

  [[nodiscard]] double multi_dot_and_max_abs(std::span<const DotPair> pairs, std::span<double> dots,
                                             const Vector& x) const override;

  /// Launches <W, W>, <W, V> and <V, V> over the weights without biases, read by weight_dots();
  /// without V only <W, W>.
  void start_weight_dots(const LayerTable& layers, const double* theta, const double* direction);
  /// The results of the last launch.
  [[nodiscard]] std::span<const double> weight_dots() const;

 private:
  double ask(std::span<const DotPair> pairs, std::span<double> dots,
             const double* largest_of) const;

  std::size_t dimension_;
  cudaStream_t stream_;
  CompletionFlags& flags_;
  unsigned blocks_;                       ///< per sum
  mutable DeviceBuffer<double> partial_;  ///< [sums][blocks_]
  mutable DeviceBuffer<unsigned> counter_;
  mutable PinnedBuffer<double> results_;
  PinnedBuffer<double> weight_results_;
  unsigned weight_dots_ = 0;
  std::uint64_t weight_flag_ = 0;
  mutable DeviceBuffer<double> scratch_;  ///< for combinations of many vectors
};

}  // namespace annmpi::device::cuda
