#pragma once

#include "annmpi/device/device.hpp"

#include "device/cuda/collectives/device_sums.hpp"
#include "device/cuda/mini_batch/passes.hpp"
#include "device/cuda/rows/cuda_rows.hpp"
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

  /// Waits for all that the stream has to do.
  /// @throws Error as data::LocalSet does, where the rows are streamed.
  [[nodiscard]] device::LossAndHits losses(CudaRows& rows);

 private:
  const Passes<Traits>& passes_;
  DeviceSums& sums_;
  cudaStream_t stream_;
  PinnedBuffer<LossSums> losses_;
};

}  // namespace annmpi::device::cuda::mini_batch
