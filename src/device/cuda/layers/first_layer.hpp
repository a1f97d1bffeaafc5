#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <cuda_runtime.h>

#include "annmpi/network/unit_split.hpp"

#include "device/cuda/gemm/blas.hpp"
#include "device/cuda/layers/bounds.hpp"
#include "device/cuda/rows/features.hpp"
#include "device/cuda/runtime/launch.hpp"

namespace annmpi::device::cuda {

struct Finish;

/// The passes over the features: the pre-activations of the first layer and its part of the
/// gradient. All calls are asynchronous.
///
/// Three implementations: integer products of bytes; products in doubles for few units, with
/// features converted in registers; and cuBLAS on converted tiles. The choice depends on the
/// layer's shape, on the element types of all sets and on the size of the whole training set.
class FirstLayer {
 public:
  FirstLayer() = default;
  FirstLayer(const FirstLayer&) = delete;
  FirstLayer& operator=(const FirstLayer&) = delete;
  virtual ~FirstLayer() = default;

  /// A hash of what the bits of its products depend on, beside cuBLAS; 0 for nothing.
  [[nodiscard]] virtual std::uint64_t fingerprint() const { return 0; }
  /// Most rows of a partial sum of the gradient, for the bounds of exact sums.
  [[nodiscard]] virtual long long partial_rows(long long chunk_rows) const = 0;
  /// Whether partial sums are computed in floats.
  [[nodiscard]] virtual bool sums_in_floats() const = 0;

  /// Takes the layer's rows of [b | W] for the forward passes that follow; they must not change
  /// until the last of these.
  virtual void prepare(const double* parameters, double feature_scale) = 0;
  /// Z [rows, n_1] = X W^T + b
  virtual void forward(const Features& X, double* Z) = 0;
  /// The same for two sets of rows, in one kernel where possible.
  virtual void forward(const Features& X, double* Z, const Features& other, double* other_Z) {
    forward(X, Z);
    forward(other, other_Z);
  }

  /// What bound_units() initializes before start().
  [[nodiscard]] virtual SliceStart slice_start() const { return {}; }
  /// Sets all sums to zero, unless they are; `splits` are those of the layer's units, valid until
  /// the last add().
  virtual void start(const network::UnitSplit* splits) = 0;
  /// Adds [sum_i delta_i | delta^T X]; delta [rows, n_1].
  virtual void add(const Features& X, const double* delta) = 0;

  /// All sums, to be added over ranks; one of the two spans is empty.
  [[nodiscard]] virtual std::span<double> double_sums() { return {}; }
  [[nodiscard]] virtual std::span<std::int64_t> integer_sums() { return {}; }
  /// The gradient of all layers from the sums, which become zeros.
  virtual void finish(const Finish& finish, double feature_scale) = 0;
};

struct FirstLayerShape {
  int units;
  int inputs;
};

/// Most units whose accumulators fit into the registers of the warps that read the features.
///
/// Time per feature, a float, on an H100 (3.35 TB/s; at best 33e12 products of doubles per second
/// by mma or cuBLAS, and as many of floats) with h units: read once and multiplied at the same
/// time, max(4 B / 3.35 TB/s, h / 33e12) = max(1.2, 0.03 h) ps. On tiles it is read, written as a
/// double and read again before the product: (4 + 8 + 8) B / 3.35 TB/s + 0.03 h = 6 + 0.03 h ps, in
/// floats 3.6 + 0.03 h ps. So one pass is 3 to 5 times faster at h = 8 to 40, and 2 to 4 times
/// at 64. More units would need another pass over the features for each 64.
inline constexpr int most_narrow_units = 64;

/// Up to this many rows kernels use small blocks, so that all multiprocessors have work.
inline constexpr long long few_rows = 128 * enough_blocks;

/// By integers, for bytes (docs/decisions/0006), with the same bits as on CPUs with matrix units. A
/// double is `slices` bytes: 8, or 4 in mixed precision. `few` rows use small blocks.
[[nodiscard]] std::unique_ptr<FirstLayer> make_byte_first_layer(FirstLayerShape shape, int slices,
                                                                cudaStream_t stream,
                                                                long long few = few_rows);
/// By doubles on the tensor cores, for features of any type and at most `most_narrow_units`.
[[nodiscard]] std::unique_ptr<FirstLayer> make_narrow_first_layer(FirstLayerShape shape,
                                                                  std::uint64_t training_rows,
                                                                  cudaStream_t stream);
/// By cuBLAS, for features of any type; in floats in mixed precision.
[[nodiscard]] std::unique_ptr<FirstLayer> make_converting_first_layer(FirstLayerShape shape,
                                                                      bool floats, const Blas& blas,
                                                                      cudaStream_t stream);

/// Whether products of bytes in integers cannot overflow: 32 bits suffice for the columns, and 64
/// for the rows on all ranks.
[[nodiscard]] bool suits_integers(FirstLayerShape shape, std::uint64_t training_rows);

}  // namespace annmpi::device::cuda
