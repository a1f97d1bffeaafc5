#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "annmpi/base/superaccumulator.hpp"
#include "annmpi/model/batch_device.hpp"

#include "model/cpu/batch/batch_passes.hpp"
#include "model/cpu/batch/layer_update.hpp"
#include "model/cpu/batch/row_measure.hpp"

namespace annmpi::model::cpu::batch {

/// Mini-batches on the CPU. A step is
///
///   every thread, for its rows:         inputs, values up to the logits, deltas down to layer 1
///   every thread, for its parameters:   gradient over the whole batch, update
template <class Real>
class CpuBatchDevice final : public BatchDevice {
 public:
  CpuBatchDevice(Network network, const BatchFacts& facts, const CpuOptions& options);

  [[nodiscard]] std::string description() const override;
  [[nodiscard]] std::uint64_t bytes() const override;
  void upload(std::span<const double> theta) override;
  void download(std::span<double> theta) override;
  void step(const BatchRows& batch, const ParameterUpdate& update) override;
  [[nodiscard]] double largest_gradient() const override { return largest_gradient_; }
  [[nodiscard]] LossAndHits measure(const data::Shard& shard, std::uint64_t chunk_rows) override;

 private:
  /// What one thread needs of its own.
  struct Workspace {
    Workspace(const Network& network, const InputFormat& format);

    Scratch<Real> scratch;
    kernels::AlignedVector<Real> gradient;  ///< of one block of parameters
    OutputLosses losses;
    RowMeasure<Real> measure;
    double largest_gradient = 0;
    Superaccumulator squares;  ///< of the gradient, for its norm
  };

  void transpose_layers(std::size_t thread);
  void pass_through(std::size_t block, const BatchRows& batch, Workspace& own);
  void update_blocks(std::size_t l, std::size_t thread, const ParameterUpdate& update);
  void move_by_kept(std::size_t l, std::size_t thread, const ParameterUpdate& update, double scale);
  [[nodiscard]] double clipping_scale(double clip_norm) const;
  [[nodiscard]] data::Range own_blocks(std::size_t l, std::size_t thread) const;

  [[nodiscard]] std::size_t depth() const { return layers_.size(); }

  Network network_;
  InputFormat format_;
  CpuOptions options_;
  std::size_t threads_;
  BatchPasses<Real> passes_;
  std::vector<PackedLayer<Real>> layers_;
  std::vector<LayerUpdate<Real>> updates_;
  std::vector<std::unique_ptr<Workspace>> work_;
  double largest_gradient_ = 0;
};

}  // namespace annmpi::model::cpu::batch
