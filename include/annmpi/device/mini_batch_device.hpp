#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "annmpi/base/rank_exchange.hpp"
#include "annmpi/base/state.hpp"
#include "annmpi/base/vector_space.hpp"
#include "annmpi/data/batch.hpp"
#include "annmpi/data/batch_order.hpp"
#include "annmpi/device/device.hpp"
#include "annmpi/network/network.hpp"
#include "annmpi/rules/parameter_update.hpp"

namespace annmpi::device {

/// The facts about the training set that a mini-batch device needs.
struct BatchFacts {
  std::uint64_t rows = 1;    ///< of the largest batch
  double feature_scale = 1;  ///< the network sees feature * scale
};

/// The hardware interface of stochastic methods. Holds the parameters of a network and updates them
/// with gradients of mini-batches.
///
/// Every sum is a chain of fused multiply-adds in an order that depends on the network and the
/// batch alone: over inputs or units from the first to the last, and over the rows in the batch's
/// order. The results therefore have the same bits for any number of threads and on every SIMD
/// target.
class MiniBatchDevice : public Device {
 public:
  /// Memory held for parameters, optimizer state and the batch.
  [[nodiscard]] virtual std::uint64_t bytes() const = 0;

  /// Sets the parameters and clears the optimizer state.
  virtual void set_parameters(const Vector& theta) = 0;
  /// Copies the current parameters to theta. Collective.
  virtual void get_parameters(Vector& theta) = 0;

  /// Sets the training rows, which must outlive the steps, and their order. Returns whether the
  /// device draws the rows of a batch itself; otherwise every step must pass them. Call it at most
  /// once.
  [[nodiscard]] virtual bool draw_batches_from(const DeviceRows& training,
                                               const data::BatchOrder& order) = 0;

  /// One update with the mean gradient of the batch, which is the same on all ranks. The type of
  /// update must not change after set_parameters(). Only the first step with a number of rows
  /// allocates. May return before it is done. Collective.
  virtual void step(const data::Batch& batch, const ParameterUpdate& update) = 0;
  /// The same for a device that draws the rows of a batch itself.
  virtual void step(const data::BatchPlace& place, const ParameterUpdate& update);

  /// Returns when all steps are done.
  virtual void synchronize() {}

  /// Infinity norm of the last step's gradient, with penalty, before clipping.
  [[nodiscard]] virtual double largest_gradient() const = 0;

  /// Loss and hits of the rows at the current parameters.
  [[nodiscard]] virtual LossAndHits measure(DeviceRows& rows) = 0;
  /// <W, W> over the weights of all layers, without biases, for parameters in theta's order.
  [[nodiscard]] virtual double squared_weights(std::span<const double> theta) const = 0;

  /// Sets the parameters to theta.
  [[nodiscard]] LossAndHits evaluate(DeviceRows& rows, const Vector& theta) override {
    set_parameters(theta);
    return measure(rows);
  }
  [[nodiscard]] double squared_weights(const Vector& theta) override;

  /// Visits the parameters and the vectors of optimizer state: by layer, as rows of [b | W], with
  /// indices within the layer, independent of the layout in memory. Floats are visited as doubles,
  /// which is exact. Parameters are replicated; state vectors are sharded or replicated, as the
  /// ranks hold them. Any device on any number of ranks can restore them, instead of
  /// set_parameters(): the next step has the same bits, but largest_gradient() is lost. Waits for
  /// all steps. Collective.
  virtual void visit_state(StateVisitor& visitor) = 0;
};

/// <W, W> over the weights of all layers, in one fixed order: MiniBatchDevice::squared_weights.
[[nodiscard]] double squared_weights(const network::Network& network,
                                     std::span<const double> theta);

/// The mini-batch device of this rank's CPU. In mixed precision, parameters, state, products and
/// updates are floats; losses are doubles. `exchange` must outlive the device; null on a single
/// rank.
/// @throws Error if the arithmetic of one of its threads is not sound (base/arithmetic).
[[nodiscard]] std::unique_ptr<MiniBatchDevice> make_cpu_mini_batch_device(
    network::Network network, const BatchFacts& facts, const DeviceOptions& options,
    RankExchange* exchange = nullptr);

}  // namespace annmpi::device
