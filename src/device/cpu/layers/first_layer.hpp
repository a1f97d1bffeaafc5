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
  const kernels::TransposedFeatures* transposed =
      nullptr;  ///< of all rows of the shard, where there are
};

/// The passes over the features, a chunk of rows at a time: the pre-activations of the first layer
/// and its part of the gradient.
///
/// Three ways: products of bytes in integers, where the features are bytes and the processor has
/// matrix units for them; kernels of our own for layers of few units, which read the features as
/// they are stored; and BLAS on converted tiles for wide ones. Which one is a matter of the layer's
/// shape, of the whole training set and of the instructions that the ranks agreed on, so that all
/// ranks compute the same bits.
///
/// Mixed precision of the last two: the features, the scaled weights and delta are rounded to
/// float, products and their sums within a row (forward) or within a chunk (gradient) are in float.
/// Biases and their sums, the pre-activations and all sums over chunks are in double.
class FirstLayer {
 public:
  FirstLayer() = default;
  FirstLayer(const FirstLayer&) = delete;
  FirstLayer& operator=(const FirstLayer&) = delete;
  virtual ~FirstLayer() = default;

  /// Makes room for threads that work on chunks of at most `rows` rows.
  virtual void reserve(int threads, std::size_t rows) = 0;

  /// Takes the layer's rows of [b | W] for the forward pass that follows.
  virtual void prepare_forward(std::span<const double> parameters, double feature_scale) = 0;

  /// out [rows, n_1] = X W^T + b
  virtual void forward(int thread, const FeatureRows& X, std::span<double> out) = 0;

  /// The features of a shard as add_gradient() likes them best, made by so many threads; null where
  /// it takes them as they are.
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

  /// Adds [sum_i delta_i | delta^T X] of a chunk to the thread's sums; delta [rows, n_1]. The rows
  /// may be worked on later, with those of chunks that follow.
  virtual void add_gradient(int thread, const FeatureRows& X, std::span<const double> delta) = 0;

  /// Works on what the thread has put off, whose features must not go before: called by each thread
  /// after the last chunk of a shard, and after its last one at least once.
  virtual void finish_gradient(int thread) = 0;

  /// Adds up the threads, then the ranks by `sum`, and rounds: rows of [b | W] of the gradient.
  /// Collective, as `sum` is.
  virtual void collect_gradient(const SumOverRanks& sum, std::span<double> gradient) = 0;
};

/// Whether a layer is one for the kernels: few enough units, and weights that stay in the second-
/// level cache. Measured with AVX-512 against OpenBLAS' SkylakeX kernels at 784, 1024 and 4096
/// inputs: with 96 units the kernels are ahead in both precisions, with 128 BLAS is in floats;
/// kernels lose half their speed where the weights, as doubles, outgrow the cache.
[[nodiscard]] constexpr bool is_narrow(const network::Layer& layer) {
  constexpr std::size_t most_units = 96;
  constexpr std::size_t most_weights = 98304;  // three quarters of 1 MiB
  return layer.outputs <= most_units && layer.inputs <= most_weights / layer.outputs;
}

struct FirstLayerOptions {
  config::Precision precision = config::Precision::float64;
  bool exact = true;  ///< sums over chunks that are the same bits in any order
  /// Exact sums keep highs and lows, or highs alone (base/exact_sum.hpp).
  bool lows = true;
  /// Whether the features of all shards are bytes, and how many rows they have in training.
  bool bytes = false;
  std::uint64_t training_rows = 0;
};

[[nodiscard]] std::unique_ptr<FirstLayer> make_first_layer(const network::Layer& layer,
                                                           const FirstLayerOptions& options);

/// Whether a layer over bytes is one for products in integers, where the processor has them:
/// integers of 32 bits have room for the columns and those of 64 for the rows. Speed sets no bound:
/// at 784, 1024 and 4096 inputs of 128 and 256 units they take 0.2 to 0.4 of the time of OpenBLAS'
/// SkylakeX kernels. Memory does: sums of slices and of words take 48 bytes a weight and thread,
/// 24 MB for the most weights.
[[nodiscard]] constexpr bool suits_integers(const network::Layer& layer,
                                            std::uint64_t training_rows) {
  constexpr std::size_t most_inputs = std::size_t{1} << 16;
  constexpr std::uint64_t most_rows = std::uint64_t{1} << 24;
  constexpr std::size_t most_weights = std::size_t{1} << 19;
  return layer.inputs <= most_inputs && training_rows <= most_rows &&
         layer.inputs * layer.outputs <= most_weights;
}

/// Whether make_first_layer() makes one that multiplies in integers.
[[nodiscard]] bool multiplies_in_integers(const network::Layer& layer, bool bytes,
                                          std::uint64_t training_rows);

/// The three kinds, for tests that compare them; the first only where kernels::amx_is_usable().
[[nodiscard]] std::unique_ptr<FirstLayer> make_byte_first_layer(const network::Layer& layer,
                                                                const FirstLayerOptions& options);
[[nodiscard]] std::unique_ptr<FirstLayer> make_narrow_first_layer(const network::Layer& layer,
                                                                  const FirstLayerOptions& options);
[[nodiscard]] std::unique_ptr<FirstLayer> make_wide_first_layer(const network::Layer& layer,
                                                                const FirstLayerOptions& options);

}  // namespace annmpi::device::cpu
