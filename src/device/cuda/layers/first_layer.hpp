#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

#include <cuda_runtime.h>

#include "annmpi/network/unit_split.hpp"

#include "device/cuda/gemm/blas.hpp"
#include "device/cuda/layers/bounds.hpp"

namespace annmpi::device::cuda {

struct Finish;

/// Types of features as files have them.
enum class Stored { bytes, floats, doubles };

/// Calls work(std::type_identity<Element>()) with what one of them is made of.
template <class Work>
void with_elements(Stored type, Work&& work) {
  if (type == Stored::bytes)
    work(std::type_identity<std::uint8_t>());
  else if (type == Stored::floats)
    work(std::type_identity<float>());
  else
    work(std::type_identity<double>());
}

/// Features in the GPU's memory, as they are stored: whole chunks of a shard, or what is left of
/// the last one. Rows are `stride` elements apart, a multiple of 16 bytes, with zeros behind the
/// last column.
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
/// Three ways: products of bytes in integers; few units by doubles, features converted in
/// registers; and cuBLAS on converted tiles. Which one is a matter of the layer's shape, of how all
/// sets are stored and of the whole training set.
class FirstLayer {
 public:
  FirstLayer() = default;
  FirstLayer(const FirstLayer&) = delete;
  FirstLayer& operator=(const FirstLayer&) = delete;
  virtual ~FirstLayer() = default;

  /// A hash of what the bits of its products hang on, beside cuBLAS: 0 where on nothing.
  [[nodiscard]] virtual std::uint64_t fingerprint() const { return 0; }
  /// Rows of a partial sum of the gradient, for the bounds of exact sums.
  [[nodiscard]] virtual long long partial_rows(long long chunk_rows) const = 0;
  /// Whether sums within a partial one are made in floats.
  [[nodiscard]] virtual bool sums_in_floats() const = 0;

  /// Takes the layer's rows of [b | W] for the forward passes that follow; they are as they were
  /// until the last of these.
  virtual void prepare(const double* parameters, double feature_scale) = 0;
  /// Z [rows, n_1] = X W^T + b
  virtual void forward(const Features& X, double* Z) = 0;
  /// The same for two sets of rows, at once where that is possible.
  virtual void forward(const Features& X, double* Z, const Features& other, double* other_Z) {
    forward(X, Z);
    forward(other, other_Z);
  }

  /// What bound_units() is to set before start().
  [[nodiscard]] virtual SliceStart slice_start() const { return {}; }
  /// Sets all sums to zero, unless they are; `splits` are those of the layer's units, good until
  /// the last add().
  virtual void start(const network::UnitSplit* splits) = 0;
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

/// Units whose sums fit into the registers of the warps that read the features.
///
/// Which way is quicker, for each row and column of floats on an H100 (3.35 TB/s; 33e12 products of
/// doubles a second by mma or cuBLAS at best, and as many of floats): read once and multiplied at
/// the same time, they take max(4 B / 3.35 TB/s, h / 33e12) = max(1.2, 0.03 h) ps. On tiles they
/// are read, written as doubles and read again before they are multiplied, (4 + 8 + 8) B / 3.35
/// TB/s
/// + 0.03 h = 6 + 0.03 h ps; in floats 3.6 + 0.03 h ps. So one reading wins by 3 to 5 times at
/// h = 8 to 40, by 2 to 4 at 64. With more units features would be read once more for each 64.
inline constexpr int most_narrow_units = 64;

/// By integers, for bytes: `slices` of 8 bits stand for a double.
[[nodiscard]] std::unique_ptr<FirstLayer> make_byte_first_layer(FirstLayerShape shape, int slices,
                                                                cudaStream_t stream);
/// By doubles on the tensor cores, for features of any type and at most `most_narrow_units`.
[[nodiscard]] std::unique_ptr<FirstLayer> make_narrow_first_layer(FirstLayerShape shape,
                                                                  std::uint64_t training_rows,
                                                                  cudaStream_t stream);
/// By cuBLAS, for features of any type; in floats where the precision is mixed.
[[nodiscard]] std::unique_ptr<FirstLayer> make_converting_first_layer(FirstLayerShape shape,
                                                                      bool floats, const Blas& blas,
                                                                      cudaStream_t stream);

/// Whether a layer over bytes is one for products in integers: 32 bits have room for the columns,
/// and 64 for the rows on all ranks.
[[nodiscard]] bool suits_integers(FirstLayerShape shape, std::uint64_t training_rows);

}  // namespace annmpi::device::cuda
