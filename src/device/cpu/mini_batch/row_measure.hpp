#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "annmpi/base/superaccumulator.hpp"
#include "annmpi/data/host_block.hpp"
#include "annmpi/network/network.hpp"

#include "device/cpu/mini_batch/passes.hpp"

namespace annmpi::device::cpu::mini_batch {

/// Loss and hits of rows outside of batches, on one thread: forward passes, a block of rows at a
/// time.
template <class Real>
class RowMeasure {
 public:
  /// Rows per block. Blocks depend on the chunks of the set, not on the number of ranks.
  static constexpr std::size_t most_rows = InputBlock<Real>::most_rows;

  /// `network` must outlive it.
  RowMeasure(const network::Network& network, const InputFormat& format);

  /// Inputs become so from now on.
  void take_inputs_as(const InputFormat& format) { input_ = InputBlock<Real>(format); }

  void clear();
  /// Adds rows [first, first + rows) of the shard, at most most_rows.
  void add(const std::vector<PackedLayer<Real>>& layers, const data::HostBlock& shard,
           std::size_t first, std::size_t rows);

  [[nodiscard]] const Superaccumulator& loss() const { return loss_; }
  [[nodiscard]] std::int64_t hits() const { return hits_; }

 private:
  const network::Network& network_;
  InputBlock<Real> input_;
  std::vector<kernels::AlignedVector<Real>> values_;
  std::vector<const std::byte*> rows_;
  Scratch<Real> scratch_;
  OutputLosses losses_;
  Superaccumulator loss_;
  std::int64_t hits_ = 0;
};

}  // namespace annmpi::device::cpu::mini_batch
