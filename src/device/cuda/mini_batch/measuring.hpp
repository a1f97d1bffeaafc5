#pragma once

#include "annmpi/device/device.hpp"

#include "device/cuda/collectives/device_sums.hpp"
#include "device/cuda/mini_batch/passes.hpp"
#include "device/cuda/rows/cuda_rows.hpp"
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

  /// Synchronizes the stream.
  /// @throws Error as data::LocalSet does, if the rows are streamed
  [[nodiscard]] device::LossAndHits losses(CudaRows& rows);

 private:
  const Passes<Traits>& passes_;
  DeviceSums& sums_;
  cudaStream_t stream_;
  PinnedBuffer<LossSums> losses_;
};

}  // namespace annmpi::device::cuda::mini_batch
