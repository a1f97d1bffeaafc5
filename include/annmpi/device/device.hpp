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

/// Sums over the rows of a shard, at a point. They are exact sums of chunks' partial sums: adding
/// the limbs of all ranks gives the same bits for any number of them.
struct LossAndHits {
  Superaccumulator loss;  ///< sum_i loss_i, without penalty
  std::int64_t hits = 0;  ///< rows whose largest logit is that of their label
};
struct LossAndSlope {
  Superaccumulator loss;
  Superaccumulator slope;  ///< its derivative along the direction
};

/// <W, W>, <W, V> and <V, V> over the weights of all layers, biases apart, for parameters with
/// weights W and a direction with weights V.
struct PenaltyDots {
  double weights_weights = 0;
  double weights_direction = 0;
  double direction_direction = 0;
};

/// What the devices of both halves have in common: rows, and the space that parameters live in.
class Device {
 public:
  Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  virtual ~Device() = default;

  /// For people: "CPU, 2 threads".
  [[nodiscard]] virtual std::string description() const = 0;

  /// The space of theta, gradients and directions.
  [[nodiscard]] virtual const VectorSpace& space() const = 0;

  /// What complete() must be told of the features of a whole set.
  [[nodiscard]] virtual data::NeededFacts needed_facts() const = 0;
  /// Takes rows over as they are read: has `read` fill one block after the other, each a run of
  /// whole chunks, in memory of the device's choice, which may be needed for another block as soon
  /// as it is called again. Here all rows are one block, and stay where they are. A device with
  /// memory of its own copies a block there while the next one is read. complete() follows.
  /// @throws what `read` throws; nothing is left then
  [[nodiscard]] virtual std::unique_ptr<DeviceRows> receive(const RowsToCome& rows,
                                                            const ReadBlock& read);
  /// Takes over rows that are in the host's memory or streamed. complete() follows. Where rows are
  /// streamed, each pass may throw Error on this rank alone: rows that cannot be read any more.
  [[nodiscard]] virtual std::unique_ptr<DeviceRows> take(data::LocalSet rows) = 0;
  /// Completes rows by what is known of the whole set once all ranks have read theirs, and makes
  /// room for what is computed of them. Once for all rows, before anything else is done with them.
  virtual void complete(DeviceRows& rows, const data::SetFacts& facts) = 0;
  /// take() and complete(), where the whole set is known.
  [[nodiscard]] std::unique_ptr<DeviceRows> hold(data::LocalSet rows, const data::SetFacts& facts);

  /// Loss and hits of rows at theta, from the features.
  [[nodiscard]] virtual LossAndHits evaluate(DeviceRows& rows, const Vector& theta) = 0;
  /// <W, W> over the weights W of all layers, biases apart.
  [[nodiscard]] virtual double squared_weights(const Vector& theta) = 0;
};

/// The seam between the algorithms and the hardware for methods that work on the whole set: passes
/// over a whole shard, whose rows carry the pre-activations of the first layer, Z = X W_1^T + b_1,
/// and their change along the direction, D = X V_1^T + c_1. A CPU and a GPU implement it; nothing
/// else does.
///
/// "Pass" means one reading of the features; the other operations need only Z and D. Member
/// functions work on this rank's shards alone and return sums over their rows; only
/// finish_gradient communicates. A shard of 0 rows gives sums of 0.
///
/// What start_...() begins may go on while the caller goes on; a function without that word in its
/// name returns the result, and waits for it where it must.
class FullBatchDevice : public Device {
 public:
  /// A hash of fixed results of what this device computes with and annmpi did not compile. Ranks
  /// whose devices give different ones would part; 0 where there is nothing to compare.
  /// @throws Error if the results are not the same when they are repeated.
  [[nodiscard]] virtual std::uint64_t fingerprint() const = 0;

  /// Z = X W_1^T + b_1. One pass.
  virtual void project(DeviceRows& shard, const Vector& theta) = 0;
  /// D = X V_1^T + c_1, of each of the shards. One pass.
  virtual void aim(std::span<DeviceRows* const> shards, const Vector& direction) = 0;
  void aim(DeviceRows& shard, const Vector& direction) { aim(std::array{&shard}, direction); }
  /// theta = theta + step * direction, as space().axpy() has it, and Z = Z + step D of each of the
  /// shards.
  virtual void move(double step, const Vector& direction, Vector& theta,
                    std::span<DeviceRows* const> shards) = 0;

  /// Loss and slope at a point with a direction, from Z and D. A device may keep what a gradient at
  /// the same point needs of it.
  [[nodiscard]] virtual LossAndSlope probe(DeviceRows& shard, const Point& point) = 0;
  /// Loss and hits at a point, from Z and D: to be found by measured().
  virtual void start_measure(DeviceRows& shard, const Point& point) = 0;
  /// Sums d loss_i / d theta at a point over the shard, without penalty, and keeps the sums for
  /// finish_gradient(); loss and hits are to be found by measured(). One pass.
  virtual void start_gradient(DeviceRows& shard, const Point& point) = 0;
  /// Loss and hits of the shard, by the last start_measure() or start_gradient().
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

  /// gradient = scale * G + penalty * W, with the weights W at a point and the sums G over all
  /// ranks of what the last start_gradient() summed, each rounded once; biases are scaled only.
  /// Once after each start_gradient(). Collective.
  virtual void finish_gradient(const Point& point, double scale, double penalty,
                               Vector& gradient) = 0;

  /// The dots of the penalty, to be found by penalty_dots(); without a direction, <W, W> alone.
  virtual void start_penalty_dots(const Vector& theta, const Vector* direction) = 0;
  /// Those that were started last.
  [[nodiscard]] virtual PenaltyDots penalty_dots() = 0;
  [[nodiscard]] PenaltyDots penalty_dots(const Vector& theta, const Vector* direction) {
    start_penalty_dots(theta, direction);
    return penalty_dots();
  }

  /// For the bounds of exact sums.
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

/// Sums numbers in host memory over all ranks, in place; collective. Made of anything that can be
/// called with spans of both kinds.
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

struct CpuOptions {
  int threads = 1;            ///< of OpenMP; results do not depend on it
  bool deterministic = true;  ///< exact sums of gradients, against plain ones
  config::Precision precision =
      config::Precision::float64;  ///< of what is computed within a chunk of rows
  /// Whether the features of all shards are stored as bytes. They are of one scale: exact sums in
  /// mixed precision then keep one level; columns of very different scale need two. And some
  /// processors multiply them faster in integers.
  bool bytes = false;
  std::uint64_t training_rows = 0;  ///< on all ranks
  bool transposed_features =
      false;  ///< MemoryPlan::transposed, where gains_by_transposed_features()
};

/// What a configuration says to a CPU that works with these sets.
[[nodiscard]] CpuOptions cpu_options(const config::Configuration::Compute& compute,
                                     const data::DataSets& sets, int threads);

/// Whether gradients are faster with the features held a second time: where their bytes are
/// multiplied in integers, see MemoryPlan::transposed.
[[nodiscard]] bool gains_by_transposed_features(const network::Network& network,
                                                const CpuOptions& options);

/// The CPU of this rank.
/// @throws Error if the arithmetic of one of its threads is not sound (base/arithmetic), or if
/// OpenBLAS is needed and cannot be loaded.
[[nodiscard]] std::unique_ptr<FullBatchDevice> make_cpu_device(network::Network network,
                                                               SumOverRanks sum,
                                                               const CpuOptions& options = {});

}  // namespace annmpi::device
