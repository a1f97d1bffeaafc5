#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "annmpi/base/rank_exchange.hpp"
#include "annmpi/base/vector_space.hpp"
#include "annmpi/data/batch.hpp"
#include "annmpi/data/batch_order.hpp"
#include "annmpi/data/host_block.hpp"
#include "annmpi/device/device.hpp"
#include "annmpi/network/network.hpp"
#include "annmpi/rules/parameter_update.hpp"

namespace annmpi::device {

/// What a device must know of the training set before it works on batches of it.
struct BatchFacts {
  std::uint64_t rows = 1;    ///< of the largest batch
  double feature_scale = 1;  ///< the network sees feature * scale
  double filled = 1;         ///< share of the features that are not 0
};

/// Holds the parameters of a network and moves them by mini-batches: the seam between stochastic
/// methods and the hardware, as FullBatchDevice is for methods that work on the whole set.
///
/// Every sum is a chain of fused multiply-adds in an order that depends on the network and the
/// batch alone: over inputs or units from the first to the last, and over the rows in the batch's
/// order. So the results have the same bits for any number of threads and on every SIMD target.
class MiniBatchDevice {
 public:
  MiniBatchDevice() = default;
  MiniBatchDevice(const MiniBatchDevice&) = delete;
  MiniBatchDevice& operator=(const MiniBatchDevice&) = delete;
  virtual ~MiniBatchDevice() = default;

  /// For people: "CPU, 2 threads a rank, AVX3 kernels".
  [[nodiscard]] virtual std::string description() const = 0;

  /// Memory held for parameters, their state and the batch.
  [[nodiscard]] virtual std::uint64_t bytes() const = 0;

  /// Takes parameters in theta's order (Network), and forgets the state that updates left behind.
  virtual void upload(std::span<const double> theta) = 0;
  /// The present parameters. Collective.
  virtual void download(std::span<double> theta) = 0;

  /// Vectors for copies of the parameters.
  [[nodiscard]] virtual const VectorSpace& space() const = 0;
  virtual void download(Vector& theta) = 0;
  /// Its numbers in the host's memory, good until the next call and as long as they are not
  /// changed.
  [[nodiscard]] virtual std::span<const double> read(const Vector& theta) const = 0;

  /// Takes a copy of this rank's rows of the training set, which are dealt to batches in this
  /// order, if it has memory of its own: then it finds the rows of a batch itself. Otherwise false:
  /// every step has to bring them. At most once.
  [[nodiscard]] virtual bool hold_batches(const data::BatchOrder& order,
                                          const data::HostBlock& rows);
  /// Takes a copy of rows that are to be measured again and again, if it has memory of its own.
  /// They must stay where they are, and as they are, as long as the device is used.
  virtual void hold(const data::HostBlock& rows);

  /// One update with the mean gradient of the batch, the same on all ranks. The kind of update must
  /// be the same in all steps after an upload. Allocates nothing after the first step of as many
  /// rows. May return before it is done. Collective.
  virtual void step(const data::Batch& batch, const ParameterUpdate& update) = 0;
  /// The same for a device that holds the batches.
  virtual void step(const data::BatchPlace& place, const ParameterUpdate& update);

  /// Returns when all steps are done.
  virtual void synchronize() {}

  /// <W, W> over the weights of all layers, biases apart, of parameters in theta's order.
  [[nodiscard]] virtual double squared_weights(std::span<const double> theta) const = 0;

  /// Infinity norm of the gradient of the last step, with penalty, before clipping.
  [[nodiscard]] virtual double largest_gradient() const = 0;

  /// Loss and hits of the rows of a shard that begins where a chunk of `chunk_rows` begins.
  [[nodiscard]] virtual LossAndHits measure(const data::HostBlock& shard,
                                            std::uint64_t chunk_rows) = 0;
};

/// <W, W> over the weights of all layers, in one fixed order: MiniBatchDevice::squared_weights.
[[nodiscard]] double squared_weights(const network::Network& network,
                                     std::span<const double> theta);

/// "CPU, 2 threads a rank, AVX3 kernels": the CPU that works on batches, for people.
[[nodiscard]] std::string describe_mini_batch_cpu(int threads);

/// The CPU of this rank. In mixed precision parameters, state, products and updates are in floats;
/// losses are in doubles. `exchange` must outlive the device; none stands for a rank alone.
/// @throws Error if the arithmetic of one of its threads is not sound (base/arithmetic).
[[nodiscard]] std::unique_ptr<MiniBatchDevice> make_cpu_mini_batch_device(
    network::Network network, const BatchFacts& facts, const CpuOptions& options,
    RankExchange* exchange = nullptr);

}  // namespace annmpi::device
