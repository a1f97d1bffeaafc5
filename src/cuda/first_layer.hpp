#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <cuda_runtime.h>

#include "annmpi/model/unit_split.hpp"

#include "cuda/blas.hpp"
#include "cuda/bounds.hpp"

namespace annmpi::cuda {

struct Finish;

/// Types of features as files have them.
enum class Stored { bytes, floats, doubles };

/// Features in the GPU's memory, as they are stored: whole chunks of a shard, or what is left of
/// the last one. Rows are `stride` elements apart; those of bytes a multiple of 16 bytes, with
/// zeros behind the last column.
struct Features {
  Stored type;
  const void* data;
  long long rows;
  int columns;
  int stride;
  long long chunk_rows;

  [[nodiscard]] std::size_t row_bytes() const {
    const std::size_t element = type == Stored::bytes ? 1 : type == Stored::floats ? 4 : 8;
    return element * static_cast<std::size_t>(stride);
  }
};

/// The passes over the features: the pre-activations of the first layer and its part of the
/// gradient. Nothing waits for the GPU.
///
/// Two ways: products of bytes in integers, and cuBLAS on converted tiles. Which one is a matter of
/// the layer's shape, of how all sets are stored and of the whole training set.
class FirstLayer {
 public:
  FirstLayer() = default;
  FirstLayer(const FirstLayer&) = delete;
  FirstLayer& operator=(const FirstLayer&) = delete;
  virtual ~FirstLayer() = default;

  /// Rows of a partial sum of the gradient, for the bounds of exact sums.
  [[nodiscard]] virtual long long partial_rows(long long chunk_rows) const = 0;
  /// Whether sums within a partial one are made in floats.
  [[nodiscard]] virtual bool sums_in_floats() const = 0;

  /// Takes the layer's rows of [b | W] for the forward passes that follow.
  virtual void prepare(const double* parameters, double feature_scale) = 0;
  /// Z [rows, n_1] = X W^T + b
  virtual void forward(const Features& X, double* Z) = 0;
  /// The same for two sets of rows, at once where that is possible.
  virtual void forward(const Features& X, double* Z, const Features& other, double* other_Z) {
    forward(X, Z);
    forward(other, other_Z);
  }

  /// What bound_units() is to set before start().
  [[nodiscard]] virtual DigitStart digit_start() const { return {}; }
  /// Sets all sums to zero, unless they are; `splits` are those of the layer's units, good until
  /// the last add().
  virtual void start(const model::UnitSplit* splits) = 0;
  /// Adds [sum_i delta_i | delta^T X]; delta [rows, n_1].
  virtual void add(const Features& X, const double* delta) = 0;

  /// All sums, to be added over ranks: of one kind or the other.
  [[nodiscard]] virtual std::span<double> double_sums() { return {}; }
  [[nodiscard]] virtual std::span<std::int64_t> integer_sums() { return {}; }
  /// The gradient of all layers from the sums, of features with this scale; leaves zeros.
  virtual void finish(const Finish& finish, double feature_scale) = 0;
};

struct FirstLayerShape {
  int units;
  int inputs;
};

/// By integers, for bytes: `digits` of 8 bits stand for a double.
[[nodiscard]] std::unique_ptr<FirstLayer> make_byte_first_layer(FirstLayerShape shape, int digits,
                                                                cudaStream_t stream);
/// By cuBLAS, for features of any type; in floats where the precision is mixed.
[[nodiscard]] std::unique_ptr<FirstLayer> make_converting_first_layer(FirstLayerShape shape,
                                                                      bool floats, const Blas& blas,
                                                                      cudaStream_t stream);

/// Whether a layer over bytes is one for products in integers: 32 bits have room for the columns,
/// and 64 for the rows on all ranks.
[[nodiscard]] bool suits_integers(FirstLayerShape shape, std::uint64_t training_rows);

}  // namespace annmpi::cuda
