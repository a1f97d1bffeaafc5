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

/// What a device must know of the training set before it works on batches of it.
struct BatchFacts {
  std::uint64_t rows = 1;    ///< of the largest batch
  double feature_scale = 1;  ///< the network sees feature * scale
};

/// Holds the parameters of a network and moves them by mini-batches: the seam between stochastic
/// methods and the hardware, as FullBatchDevice is for methods that work on the whole set.
///
/// Every sum is a chain of fused multiply-adds in an order that depends on the network and the
/// batch alone: over inputs or units from the first to the last, and over the rows in the batch's
/// order. So the results have the same bits for any number of threads and on every SIMD target.
class MiniBatchDevice : public Device {
 public:
  /// Memory held for parameters, their state and the batch.
  [[nodiscard]] virtual std::uint64_t bytes() const = 0;

  /// Takes parameters, and forgets the state that updates left behind.
  virtual void set_parameters(const Vector& theta) = 0;
  /// Gives a copy of the present parameters. Collective.
  virtual void get_parameters(Vector& theta) = 0;

  /// Is told of the rows that batches are made of, which must be there as long as steps are made,
  /// and of their order. Returns whether it finds the rows of a batch by itself; otherwise every
  /// step has to bring them. At most once.
  [[nodiscard]] virtual bool draw_batches_from(const DeviceRows& training,
                                               const data::BatchOrder& order) = 0;

  /// One update with the mean gradient of the batch, the same on all ranks. The kind of update must
  /// be the same in all steps after set_parameters(). Allocates nothing after the first step of as
  /// many rows. May return before it is done. Collective.
  virtual void step(const data::Batch& batch, const ParameterUpdate& update) = 0;
  /// The same for a device that finds the rows of a batch by itself.
  virtual void step(const data::BatchPlace& place, const ParameterUpdate& update);

  /// Returns when all steps are done.
  virtual void synchronize() {}

  /// Infinity norm of the gradient of the last step, with penalty, before clipping.
  [[nodiscard]] virtual double largest_gradient() const = 0;

  /// Loss and hits of rows at the present parameters.
  [[nodiscard]] virtual LossAndHits measure(DeviceRows& rows) = 0;
  /// <W, W> over the weights of all layers, biases apart, of parameters in theta's order.
  [[nodiscard]] virtual double squared_weights(std::span<const double> theta) const = 0;

  /// Theta become the present parameters.
  [[nodiscard]] LossAndHits evaluate(DeviceRows& rows, const Vector& theta) override {
    set_parameters(theta);
    return measure(rows);
  }
  [[nodiscard]] double squared_weights(const Vector& theta) override;

  /// Visits the parameters and the vectors that updates keep beside them: by layer, as rows of
  /// [b | W], with indices within the layer, whatever their layout in memory. Floats are visited
  /// as doubles, which is exact. Parameters are replicated, vectors sharded or replicated as the
  /// ranks hold them; any device of any number of ranks takes them up. Restoring takes the place of
  /// set_parameters(). The next step has the same bits then; the largest gradient of the last step
  /// is forgotten. Waits for all steps. Collective.
  virtual void visit_state(StateVisitor& visitor) = 0;
};

/// <W, W> over the weights of all layers, in one fixed order: MiniBatchDevice::squared_weights.
[[nodiscard]] double squared_weights(const network::Network& network,
                                     std::span<const double> theta);

/// The CPU of this rank. In mixed precision parameters, state, products and updates are in floats;
/// losses are in doubles. `exchange` must outlive the device; none stands for a rank alone.
/// @throws Error if the arithmetic of one of its threads is not sound (base/arithmetic).
[[nodiscard]] std::unique_ptr<MiniBatchDevice> make_cpu_mini_batch_device(
    network::Network network, const BatchFacts& facts, const CpuOptions& options,
    RankExchange* exchange = nullptr);

}  // namespace annmpi::device
