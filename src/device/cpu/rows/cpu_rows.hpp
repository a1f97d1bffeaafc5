#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "annmpi/device/device.hpp"
#include "annmpi/device/memory_plan.hpp"

#include "device/cpu/layers/first_layer.hpp"
#include "device/cpu/rows/local_rows.hpp"

namespace annmpi::device::cpu {

/// A rank's rows with their carried values Z and D, and a kept trial in Reals.
template <class Real>
class CpuRows : public LocalRows {
 public:
  CpuRows(const network::Network& network, data::LocalSet shard)
      : LocalRows(std::move(shard)),
        width_(network.layers.front().outputs),
        kept_width_(kept_width(network)) {}

  /// Allocates Z and D.
  void complete(const data::SetFacts& facts) {
    LocalRows::complete(facts);
    carried_.resize(rows() * width_);
    change_.resize(rows() * width_);
  }

  [[nodiscard]] std::uint64_t bytes() const override {
    return LocalRows::bytes() + (carried_.size() + change_.size()) * sizeof(double) +
           kept_.size() * sizeof(Real) + (transposed_ ? transposed_->bytes() : 0);
  }

  /// A run of rows, with its parts of Z, D and the labels.
  struct Chunk {
    std::size_t first;
    std::size_t rows;
    std::span<double> Z;  ///< [rows, n_1]
    std::span<double> D;  ///< [rows, n_1]
    std::span<const std::int32_t> labels;
    std::span<Real> kept;  ///< [rows, kept_width] of the last trial; empty before the first one
    /// The block that holds its features, from row first_in_block on; null in loops without
    /// features.
    const data::HostBlock* block = nullptr;
    std::size_t first_in_block = 0;
    const kernels::TransposedFeatures* transposed = nullptr;

    [[nodiscard]] FeatureRows features() const {
      return {*block, first_in_block, rows, transposed};
    }
  };

  /// The last trial along the current line, whose forward pass is kept.
  struct Trial {
    double step;
    LossAndHits sums;
  };

  [[nodiscard]] std::size_t chunks() const {
    return static_cast<std::size_t>((data().rows() + facts().chunk_rows - 1) / facts().chunk_rows);
  }

  [[nodiscard]] Chunk chunk(std::size_t index) {
    const auto first = static_cast<std::size_t>(index * facts().chunk_rows);
    const auto rows = static_cast<std::size_t>(
        std::min<std::uint64_t>(facts().chunk_rows, data().rows() - first));
    return {first,
            rows,
            std::span(carried_).subspan(first * width_, rows * width_),
            std::span(change_).subspan(first * width_, rows * width_),
            data().labels().subspan(first, rows),
            std::span(kept_).subspan(kept_.empty() ? 0 : first * kept_width_,
                                     kept_.empty() ? 0 : rows * kept_width_),
            nullptr,
            0,
            transposed_.get()};
  }

  /// Stores turn(rows in memory), the transposed features, on the first call. Does nothing for
  /// streamed rows.
  template <class Turn>
  void hold_transposed(Turn&& turn) {
    if (!transposed_ && data().file() == nullptr) transposed_ = turn(data().in_memory());
  }

  /// Allocates memory for a kept trial on the first call, and drops the last trial.
  void expect_trial() {
    kept_.resize(data().rows() * kept_width_);
    trial_.reset();
  }
  void set_trial(const Trial& trial) { trial_ = trial; }
  /// Drops the last trial, before Z or D change.
  void leave_line() { trial_.reset(); }
  /// The last trial if it was at this point, else null.
  [[nodiscard]] const Trial* trial_at(const Point& point) const {
    return point.direction != nullptr && trial_ && trial_->step == point.step ? &*trial_ : nullptr;
  }

  void set_measured(const LossAndHits& sums) { measured_ = sums; }
  [[nodiscard]] const LossAndHits& measured() const { return measured_; }

  /// The chunks of a block of rows.
  [[nodiscard]] data::Range chunks_of(const data::HostBlock& block) const {
    const std::uint64_t first = block.range().begin - data().range().begin;
    return {first / facts().chunk_rows,
            (first + block.rows() + facts().chunk_rows - 1) / facts().chunk_rows};
  }

  [[nodiscard]] Chunk chunk_of(const data::HostBlock& block, std::size_t index) {
    Chunk with_features = chunk(index);
    with_features.block = &block;
    with_features.first_in_block =
        with_features.first - static_cast<std::size_t>(block.range().begin - data().range().begin);
    return with_features;
  }

  /// Rows of this rank's largest chunk.
  [[nodiscard]] std::size_t most_rows() const {
    return static_cast<std::size_t>(std::min<std::uint64_t>(facts().chunk_rows, data().rows()));
  }

 private:
  std::size_t width_;
  std::size_t kept_width_;
  std::vector<double> carried_;  ///< Z [rows, n_1]
  std::vector<double> change_;   ///< D [rows, n_1]
  std::vector<Real> kept_;       ///< of the last trial [rows, kept_width]
  std::optional<Trial> trial_;
  LossAndHits measured_;
  std::unique_ptr<kernels::TransposedFeatures> transposed_;
};

}  // namespace annmpi::device::cpu
