#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "annmpi/device/mini_batch_device.hpp"

#include "device/cuda/collectives/device_sums.hpp"
#include "device/cuda/rows/rows.hpp"
#include "device/cuda/runtime/event.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda::mini_batch {

/// Brings batches of rows that lie anywhere in the host's memory to the GPU, as records. The host
/// gathers them where the GPU copies from by itself, and a stream of its own copies them, while the
/// kernels of the batches before run. Two batches are in either memory.
class StagedBatches {
 public:
  /// Room for so many rows of so many bytes. The sums must outlive it.
  StagedBatches(std::size_t rows, Stored type, std::size_t row_bytes, DeviceSums& sums);
  StagedBatches(const StagedBatches&) = delete;
  StagedBatches& operator=(const StagedBatches&) = delete;
  ~StagedBatches();

  /// On the GPU.
  [[nodiscard]] std::uint64_t bytes() const;

  /// The rows of a batch, for what the stream is given from now on; they may change here at once.
  /// Waits where the GPU is two batches behind.
  [[nodiscard]] ChosenRows bring(const data::Batch& batch, cudaStream_t stream);
  /// What the stream was given so far is all that needs them.
  void done(cudaStream_t stream);

 private:
  struct Place {
    PinnedBuffer<std::byte> here;
    DeviceBuffer<std::byte> there;
    Event copied, done;
  };

  Stored type_;
  std::size_t row_bytes_;
  std::size_t stride_;
  std::size_t record_bytes_;
  DeviceSums& sums_;
  std::size_t present_ = 0;
  std::array<Place, 2> places_;
  Stream copies_;
};

}  // namespace annmpi::device::cuda::mini_batch
