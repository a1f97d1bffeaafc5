#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "annmpi/base/superaccumulator.hpp"
#include "annmpi/device/mini_batch_device.hpp"

#include "device/cpu/full_batch/host_space.hpp"
#include "device/cpu/mini_batch/layer_update.hpp"
#include "device/cpu/mini_batch/passes.hpp"
#include "device/cpu/mini_batch/row_measure.hpp"
#include "device/cpu/rows/local_rows.hpp"

namespace annmpi::device::cpu::mini_batch {

/// Mini-batches on the CPU. On a single rank, a step has two phases:
///
///   each thread, for its rows:         inputs, values up to the logits, deltas down to layer 1
///   each thread, for its parameters:   the gradient over the whole batch, the update
///
/// Several ranks divide the rows, and then the blocks of parameters, in the same way as threads.
/// They gather the values and deltas of all rows, one layer during the computation of the next.
/// Each rank sums the gradient of its own blocks over the whole batch and updates them; it alone
/// holds their optimizer state. The ranks then gather the parameters; the next step waits for each
/// layer when it needs it. No sum crosses ranks, so the bits are those of a single rank.
///
/// With plain sums, each rank sums the gradient over its own rows, from the last layer to the
/// first, and overlaps this with the reduction of the layers above over the ranks. Every rank then
/// updates all parameters.
template <class Real>
class CpuMiniBatchDevice final : public MiniBatchDevice {
 public:
  CpuMiniBatchDevice(network::Network network, const BatchFacts& facts,
                     const DeviceOptions& options, RankExchange* exchange);

  [[nodiscard]] std::string description() const override;
  [[nodiscard]] const VectorSpace& space() const override { return space_; }
  [[nodiscard]] std::uint64_t bytes() const override;

  [[nodiscard]] data::NeededFacts needed_facts() const override { return {.filled = true}; }
  [[nodiscard]] std::unique_ptr<DeviceRows> take(data::LocalSet rows) override {
    return std::make_unique<LocalRows>(std::move(rows));
  }
  void complete(DeviceRows& rows, const data::SetFacts& facts) override {
    own(rows).complete(facts);
  }

  void set_parameters(const Vector& theta) override;
  void get_parameters(Vector& theta) override;
  using MiniBatchDevice::squared_weights;
  [[nodiscard]] double squared_weights(std::span<const double> theta) const override {
    return device::squared_weights(network_, theta);
  }
  /// Chooses the format of the inputs.
  [[nodiscard]] bool draw_batches_from(const DeviceRows& training,
                                       const data::BatchOrder& order) override;
  using MiniBatchDevice::step;
  void step(const data::Batch& batch, const ParameterUpdate& update) override;
  [[nodiscard]] double largest_gradient() const override { return largest_gradient_; }
  [[nodiscard]] LossAndHits measure(DeviceRows& rows) override;
  void visit_state(StateVisitor& visitor) override;

 private:
  /// Per-thread data.
  struct Workspace {
    Workspace(const network::Network& network, const InputFormat& format);

    Scratch<Real> scratch;
    kernels::AlignedVector<Real> gradient;  ///< of one block of parameters
    OutputLosses losses;
    RowMeasure<Real> measure;
    double largest_gradient = 0;
    Superaccumulator squares;  ///< of the gradient, for its norm
  };
  using Tickets = std::vector<std::optional<RankExchange::Ticket>>;  ///< by layer

  static LocalRows& own(DeviceRows& rows) { return static_cast<LocalRows&>(rows); }
  void measure_block(const data::HostBlock& block, std::uint64_t chunk_rows);

  // The three variants of a step.
  void step_alone(const data::Batch& batch, const ParameterUpdate& update);
  void step_by_gathers(const data::Batch& batch, const ParameterUpdate& update);
  void step_by_sums(const data::Batch& batch, const ParameterUpdate& update);

  // The work of a thread within them.
  void fill(std::size_t part, std::size_t thread, const data::Batch& batch);
  void transpose_layers(std::size_t thread);
  void pass_up(std::size_t block, const data::Batch& batch, Workspace& own);
  void sum_blocks(std::size_t l, std::size_t thread, data::Range row_blocks);
  void finish_blocks(std::size_t l, std::size_t thread, const ParameterUpdate& update);
  void update_blocks(std::size_t l, std::size_t thread, const ParameterUpdate& update);
  void move_clipped(std::size_t l, std::size_t thread, const ParameterUpdate& update, double scale);
  void finish_block(std::size_t l, std::size_t block, Workspace& own, const ParameterUpdate& update,
                    std::span<Real> g);

  /// Runs work(thread) on all threads.
  template <class Work>
  void on_threads(Work&& work);
  /// Runs work(row block) for this rank's row blocks, on the thread of each.
  template <class Work>
  void on_own_rows(Work&& work);

  void gather(std::span<Real> all, std::size_t l, Tickets& tickets);
  void gather_parameters(std::size_t l);
  void await(Tickets& tickets, std::size_t l);
  void await_parameters();

  [[nodiscard]] Superaccumulator squares() const;
  [[nodiscard]] data::Range own_blocks(std::size_t l, std::size_t thread) const;
  [[nodiscard]] data::Range all_row_blocks() const;
  [[nodiscard]] data::Range own_row_blocks() const;
  [[nodiscard]] std::size_t depth() const { return layers_.size(); }

  network::Network network_;
  HostSpace space_;
  InputFormat format_;
  DeviceOptions options_;
  RankExchange* exchange_;
  std::size_t rank_;
  std::size_t ranks_;
  bool by_sums_;
  std::size_t threads_;
  BatchPasses<Real> passes_;
  std::vector<PackedLayer<Real>> layers_;
  std::vector<LayerUpdate<Real>> updates_;
  int states_ = 0;  ///< state vectors of updates_ since the last upload
  std::vector<std::unique_ptr<Workspace>> work_;
  std::vector<std::size_t> begins_;  ///< of each rank's contribution to a gather
  Tickets values_coming_;
  Tickets deltas_coming_;
  Tickets sums_coming_;
  Tickets parameters_coming_;
  double largest_gradient_ = 0;
};

}  // namespace annmpi::device::cpu::mini_batch
