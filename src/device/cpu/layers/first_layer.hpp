#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "annmpi/data/host_block.hpp"
#include "annmpi/device/device.hpp"
#include "annmpi/network/gradient_bounds.hpp"
#include "annmpi/network/network.hpp"

#include "device/cpu/int8/transposed_features.hpp"

namespace annmpi::device::cpu {

/// Rows [first, first + rows) of a shard.
struct FeatureRows {
  const data::HostBlock& shard;
  std::size_t first;
  std::size_t rows;
  /// Of all rows of the shard, or null.
  const kernels::TransposedFeatures* transposed = nullptr;
};

/// The passes over the features, a chunk of rows at a time: the pre-activations of the first layer
/// and its gradient.
///
/// Three implementations: integer products for byte features on processors with matrix units;
/// native kernels for layers of few units, which read the features as stored; and BLAS on converted
/// tiles for wide layers. The choice depends on the layer's shape, the whole training set and the
/// instructions that the ranks agreed on, so that all ranks compute the same bits.
///
/// Mixed precision of the last two: features, scaled weights and delta are rounded to float;
/// products and their sums within a row (forward) or within a chunk (gradient) are floats. Biases
/// and their sums, the pre-activations and all sums over chunks are doubles.
class FirstLayer {
 public:
  FirstLayer() = default;
  FirstLayer(const FirstLayer&) = delete;
  FirstLayer& operator=(const FirstLayer&) = delete;
  virtual ~FirstLayer() = default;

  /// Allocates scratch memory for `threads` threads and chunks of at most `rows` rows.
  virtual void reserve(int threads, std::size_t rows) = 0;

  /// Packs the layer's rows of [b | W] for the forward pass that follows.
  virtual void prepare_forward(std::span<const double> parameters, double feature_scale) = 0;

  /// out [rows, n_1] = X W^T + b
  virtual void forward(int thread, const FeatureRows& X, std::span<double> out) = 0;

  /// The features of a shard in the layout that add_gradient() reads fastest, made by `threads`
  /// threads; null if that is the stored one.
  [[nodiscard]] virtual std::unique_ptr<kernels::TransposedFeatures> transposed(
      const data::HostBlock&, int /*threads*/) const {
    return nullptr;
  }

  /// Whether start_gradient() reads the splits.
  [[nodiscard]] virtual bool needs_splits() const = 0;

  /// Sets the sums of all threads to zero. `splits` are those of the layer's units. Bounds of
  /// partial sums need room for the roundings within a chunk: a factor of 1 + 2^-20, and for
  /// weights in mixed precision 1 + rows of a chunk * 2^-22 besides.
  virtual void start_gradient(std::span<const network::UnitSplit> splits, double feature_scale) = 0;

  /// Adds [sum_i delta_i | delta^T X] of a chunk to the thread's sums; delta [rows, n_1]. The work
  /// may be deferred and batched with later chunks.
  virtual void add_gradient(int thread, const FeatureRows& X, std::span<const double> delta) = 0;

  /// Completes the thread's deferred work, for which the features must still be valid: called by
  /// each thread after the last chunk of a shard, and after its last one at least once.
  virtual void finish_gradient(int thread) = 0;

  /// Reduces over threads, then over ranks by `sum`, and rounds: rows of [b | W] of the gradient.
  /// Collective, as `sum` is.
  virtual void collect_gradient(const SumOverRanks& sum, std::span<double> gradient) = 0;
};

/// Whether the native kernels serve a layer: few units, and weights that fit into the second-level
/// cache. Measured with AVX-512 against OpenBLAS' SkylakeX kernels at 784, 1024 and 4096 inputs: at
/// 96 units the kernels are faster in both precisions, at 128 BLAS is in floats; the kernels lose
/// half their speed once the weights, as doubles, exceed the cache.
[[nodiscard]] constexpr bool is_narrow(const network::Layer& layer) {
  constexpr std::size_t most_units = 96;
  constexpr std::size_t most_weights = 98304;  // three quarters of 1 MiB
  return layer.outputs <= most_units && layer.inputs <= most_weights / layer.outputs;
}

struct FirstLayerOptions {
  config::Precision precision = config::Precision::float64;
  bool exact = true;  ///< sums over chunks have the same bits in any order
  /// Exact sums store highs and lows, or highs alone (base/exact_sum.hpp).
  bool lows = true;
  /// Whether the features of all shards are bytes, and the number of training rows.
  bool bytes = false;
  std::uint64_t training_rows = 0;
};

[[nodiscard]] std::unique_ptr<FirstLayer> make_first_layer(const network::Layer& layer,
                                                           const FirstLayerOptions& options);

/// Whether integer products serve a layer over bytes: sums over columns must fit into 32 bits, sums
/// over rows into 64. Speed sets no limit: at 784, 1024 and 4096 inputs and 128 and 256 units they
/// take 0.2 to 0.4 of the time of OpenBLAS' SkylakeX kernels. Memory does: the sums of slices and
/// words take 48 bytes per weight and thread, 24 MB at most.
[[nodiscard]] constexpr bool suits_integers(const network::Layer& layer,
                                            std::uint64_t training_rows) {
  constexpr std::size_t most_inputs = std::size_t{1} << 16;
  constexpr std::uint64_t most_rows = std::uint64_t{1} << 24;
  constexpr std::size_t most_weights = std::size_t{1} << 19;
  return layer.inputs <= most_inputs && training_rows <= most_rows &&
         layer.inputs * layer.outputs <= most_weights;
}

/// Whether make_first_layer() chooses integer products.
[[nodiscard]] bool multiplies_in_integers(const network::Layer& layer, bool bytes,
                                          std::uint64_t training_rows);

/// The three implementations, for tests that compare them.
[[nodiscard]] std::unique_ptr<FirstLayer> make_byte_first_layer(const network::Layer& layer,
                                                                const FirstLayerOptions& options);
[[nodiscard]] std::unique_ptr<FirstLayer> make_narrow_first_layer(const network::Layer& layer,
                                                                  const FirstLayerOptions& options);
[[nodiscard]] std::unique_ptr<FirstLayer> make_wide_first_layer(const network::Layer& layer,
                                                                const FirstLayerOptions& options);

}  // namespace annmpi::device::cpu
