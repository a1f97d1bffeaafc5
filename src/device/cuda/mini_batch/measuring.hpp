#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "annmpi/data/host_block.hpp"
#include "annmpi/device/device.hpp"

#include "device/cuda/collectives/device_sums.hpp"
#include "device/cuda/mini_batch/passes.hpp"
#include "device/cuda/rows/resident_rows.hpp"
#include "device/cuda/runtime/event.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda::mini_batch {

/// Losses of whole shards, in groups of rows that pass through the layers together. They are added
/// up in blocks of loss_rows in one order, and these exactly: how rows are grouped shows nowhere.
template <class Traits>
class Measuring {
 public:
  /// The references must outlive it.
  Measuring(const Passes<Traits>& passes, DeviceSums& sums, cudaStream_t stream)
      : passes_(passes), sums_(sums), stream_(stream) {}

  [[nodiscard]] std::uint64_t bytes() const {
    return places_[0].rows.bytes() + places_[1].rows.bytes();
  }

  /// Of a shard that begins where a chunk begins, with its rows in the GPU's memory, or null: then
  /// they pass through it, a group on its way while the one before is measured. Waits for all that
  /// the stream has to do.
  [[nodiscard]] device::LossAndHits losses(const data::HostBlock& shard, const ResidentRows* held,
                                           std::uint64_t chunk_rows);

 private:
  /// Of rows that pass.
  struct Place {
    ResidentRows rows;
    Event copied, taken;
  };

  const Passes<Traits>& passes_;
  DeviceSums& sums_;
  cudaStream_t stream_;
  std::array<Place, 2> places_;
  Stream copies_;
  PinnedBuffer<LossSums> losses_;
};

}  // namespace annmpi::device::cuda::mini_batch
