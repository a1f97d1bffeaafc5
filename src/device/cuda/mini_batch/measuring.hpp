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

/// Losses of whole shards, computed in groups of rows. Losses are summed in a fixed order within
/// blocks of loss_rows, and exactly over blocks, so the grouping does not change the bits.
template <class Traits>
class Measuring {
 public:
  /// The references must outlive it.
  Measuring(const Passes<Traits>& passes, DeviceSums& sums, cudaStream_t stream)
      : passes_(passes), sums_(sums), stream_(stream) {}

  [[nodiscard]] std::uint64_t bytes() const {
    return buffers_[0].rows.bytes() + buffers_[1].rows.bytes();
  }

  /// Measures a shard that begins with a chunk. `held` are its rows in device memory, or null: then
  /// each group is copied while the one before is measured. Synchronizes the stream.
  [[nodiscard]] device::LossAndHits losses(const data::HostBlock& shard, const ResidentRows* held,
                                           std::uint64_t chunk_rows);

 private:
  /// A buffer for a group of rows, and the events after its copy and its last use.
  struct Buffer {
    ResidentRows rows;
    Event copied, taken;
  };

  const Passes<Traits>& passes_;
  DeviceSums& sums_;
  cudaStream_t stream_;
  std::array<Buffer, 2> buffers_;
  Stream copies_;
  PinnedBuffer<LossSums> losses_;
};

}  // namespace annmpi::device::cuda::mini_batch
