#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "annmpi/base/superaccumulator.hpp"
#include "annmpi/base/vector_space.hpp"
#include "annmpi/data/data_sets.hpp"
#include "annmpi/device/device_rows.hpp"
#include "annmpi/network/network.hpp"

namespace annmpi::device {

/// The point theta + step * direction; without a direction, theta itself.
struct Point {
  const Vector& theta;
  const Vector* direction = nullptr;
  double step = 0;
};

/// Sums over a rank's rows at a point. The partial sums of chunks are added exactly, so adding the
/// limbs of all ranks gives the same bits for any number of ranks.
struct LossAndHits {
  Superaccumulator loss;  ///< sum_i loss_i, without penalty
  std::int64_t hits = 0;  ///< rows whose largest logit is that of their label
};
struct LossAndSlope {
  Superaccumulator loss;
  Superaccumulator slope;  ///< its derivative along the direction
};

/// <W, W>, <W, V> and <V, V> over the weights of all layers, without biases: W are the weights in
/// the parameters, V those in a direction.
struct PenaltyDots {
  double weights_weights = 0;
  double weights_direction = 0;
  double direction_direction = 0;
};

/// The common interface of full-batch and mini-batch devices: rows and a vector space.
class Device {
 public:
  Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  virtual ~Device() = default;

  /// For logs: "CPU, 2 threads".
  [[nodiscard]] virtual std::string description() const = 0;

  /// The space of theta, gradients and directions.
  [[nodiscard]] virtual const VectorSpace& space() const = 0;

  /// The facts about a whole set that complete() needs.
  [[nodiscard]] virtual data::NeededFacts needed_facts() const = 0;
  /// Takes ownership of rows while they are read: calls `read` for one block of whole chunks after
  /// another. The device chooses the memory, and may reuse a block at the next call. The default
  /// reads all rows into one block in host memory; a device with its own memory copies each block
  /// there while the next one is read. Call complete() afterwards.
  /// @throws what `read` throws; no rows are kept then
  [[nodiscard]] virtual std::unique_ptr<DeviceRows> receive(const RowsToCome& rows,
                                                            const ReadBlock& read);
  /// Takes ownership of rows in host memory or of streamed rows. Call complete() afterwards. A pass
  /// over streamed rows may throw Error on this rank alone, if they can no longer be read.
  [[nodiscard]] virtual std::unique_ptr<DeviceRows> take(data::LocalSet rows) = 0;
  /// Stores the facts about the whole set, known once all ranks have read their rows, and allocates
  /// the results per row. Call it once, before the rows are used.
  virtual void complete(DeviceRows& rows, const data::SetFacts& facts) = 0;
  /// take() and complete() in one call.
  [[nodiscard]] std::unique_ptr<DeviceRows> hold(data::LocalSet rows, const data::SetFacts& facts);

  /// Loss and hits of the rows at theta, computed from the features.
  [[nodiscard]] virtual LossAndHits evaluate(DeviceRows& rows, const Vector& theta) = 0;
  /// <W, W> over the weights of all layers, without biases.
  [[nodiscard]] virtual double squared_weights(const Vector& theta) = 0;
};

/// The hardware interface of full-batch methods: passes over all rows of a rank. The rows carry the
/// pre-activations of the first layer, Z = X W_1^T + b_1, and their change along the direction,
/// D = X V_1^T + c_1. Implemented for CPUs and GPUs.
///
/// A pass reads the features once; all other operations need only Z and D. Member functions work on
/// this rank's rows alone and return sums over them; only finish_gradient communicates. Sums over 0
/// rows are 0.
///
/// start_...() may return before its work is done. The functions that return results wait for it.
class FullBatchDevice : public Device {
 public:
  /// A hash of fixed test results of the external libraries that this device uses, or 0 if it uses
  /// none. Ranks with different hashes would diverge.
  /// @throws Error if repeating a test gives other results.
  [[nodiscard]] virtual std::uint64_t fingerprint() const = 0;

  /// Z = X W_1^T + b_1. One pass.
  virtual void project(DeviceRows& shard, const Vector& theta) = 0;
  /// D = X V_1^T + c_1 for each of the shards. One pass.
  virtual void aim(std::span<DeviceRows* const> shards, const Vector& direction) = 0;
  void aim(DeviceRows& shard, const Vector& direction) { aim(std::array{&shard}, direction); }
  /// theta = theta + step * direction, with the bits of space().axpy(), and Z = Z + step D for each
  /// of the shards.
  virtual void move(double step, const Vector& direction, Vector& theta,
                    std::span<DeviceRows* const> shards) = 0;

  /// Loss and slope at a point with a direction, from Z and D. A device may keep intermediate
  /// results for a gradient at the same point.
  [[nodiscard]] virtual LossAndSlope probe(DeviceRows& shard, const Point& point) = 0;
  /// Starts computing loss and hits at a point, from Z and D; measured() returns them.
  virtual void start_measure(DeviceRows& shard, const Point& point) = 0;
  /// Starts summing d loss_i / d theta at a point over the shard, without penalty, and keeps the
  /// sums for finish_gradient(); measured() returns loss and hits. One pass.
  virtual void start_gradient(DeviceRows& shard, const Point& point) = 0;
  /// Loss and hits of the shard from the last start_measure() or start_gradient().
  [[nodiscard]] virtual LossAndHits measured(const DeviceRows& shard) = 0;
  [[nodiscard]] LossAndHits measure(DeviceRows& shard, const Point& point) {
    start_measure(shard, point);
    return measured(shard);
  }
  LossAndHits sum_gradient(DeviceRows& shard, const Point& point) {
    start_gradient(shard, point);
    return measured(shard);
  }
  /// The logits z_L at a point, from Z and D; out [rows, classes] in host memory.
  virtual void logits(DeviceRows& shard, const Point& point, std::span<double> out) = 0;

  /// gradient = scale * G + penalty * W: G are the sums of the last start_gradient() over all
  /// ranks, each rounded once, and W the weights at the point. Biases have no penalty. Call it once
  /// after each start_gradient(). Collective.
  virtual void finish_gradient(const Point& point, double scale, double penalty,
                               Vector& gradient) = 0;

  /// Starts computing the dots of the penalty; without a direction, <W, W> alone.
  virtual void start_penalty_dots(const Vector& theta, const Vector* direction) = 0;
  /// The result of the last start_penalty_dots().
  [[nodiscard]] virtual PenaltyDots penalty_dots() = 0;
  [[nodiscard]] PenaltyDots penalty_dots(const Vector& theta, const Vector* direction) {
    start_penalty_dots(theta, direction);
    return penalty_dots();
  }

  /// The bounds of exact sums need the largest feature.
  [[nodiscard]] data::NeededFacts needed_facts() const override {
    return {.largest_feature = true};
  }
  [[nodiscard]] LossAndHits evaluate(DeviceRows& rows, const Vector& theta) override {
    project(rows, theta);
    return measure(rows, {theta});
  }
  [[nodiscard]] double squared_weights(const Vector& theta) override {
    return penalty_dots(theta, nullptr).weights_weights;
  }
};

/// Sums values in host memory over all ranks, in place; collective. Wraps any callable that takes
/// spans of both types.
class SumOverRanks {
 public:
  template <class Sum>
  SumOverRanks(Sum sum) : doubles_(sum), integers_(sum) {}

  void operator()(std::span<double> values) const { doubles_(values); }
  void operator()(std::span<std::int64_t> values) const { integers_(values); }

 private:
  std::function<void(std::span<double>)> doubles_;
  std::function<void(std::span<std::int64_t>)> integers_;
};

/// Options of all devices. GPUs ignore `threads` and `transposed_features`.
struct DeviceOptions {
  int threads = 1;            ///< of OpenMP; results do not depend on it
  bool deterministic = true;  ///< exact sums of gradients, not plain ones
  config::Precision precision = config::Precision::float64;  ///< of the arithmetic within a chunk
  /// Whether the features of all sets are stored as bytes. Bytes share one scale, so exact sums in
  /// mixed precision need one level instead of two; some processors also multiply them faster in
  /// integers.
  bool bytes = false;
  std::uint64_t training_rows = 0;  ///< on all ranks
  bool transposed_features =
      false;  ///< MemoryPlan::transposed, where gains_by_transposed_features()
};

/// The device options for a configuration and its data sets.
[[nodiscard]] DeviceOptions device_options(const config::Configuration::Compute& compute,
                                           const data::DataSets& sets, int threads);

/// Whether a transposed copy of the features (MemoryPlan::transposed) makes gradients faster. It
/// does where bytes are multiplied in integers.
[[nodiscard]] bool gains_by_transposed_features(const network::Network& network,
                                                const DeviceOptions& options);

/// The full-batch device of this rank's CPU.
/// @throws Error if the arithmetic of one of its threads is not sound (base/arithmetic), or if
/// OpenBLAS is needed and cannot be loaded.
[[nodiscard]] std::unique_ptr<FullBatchDevice> make_cpu_device(network::Network network,
                                                               SumOverRanks sum,
                                                               const DeviceOptions& options = {});

}  // namespace annmpi::device
