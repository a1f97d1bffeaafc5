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

/// Copies batches of rows from host memory to the GPU, as records. The host gathers them in pinned
/// memory, and a separate stream copies them while kernels of earlier batches run. Host and device
/// memory hold two batches each.
class StagedBatches {
 public:
  /// For batches of so many rows of so many bytes. The sums must outlive it.
  StagedBatches(std::size_t rows, io::ElementType type, std::size_t row_bytes, DeviceSums& sums);
  StagedBatches(const StagedBatches&) = delete;
  StagedBatches& operator=(const StagedBatches&) = delete;
  ~StagedBatches();

  /// Device memory in use.
  [[nodiscard]] std::uint64_t bytes() const;

  /// The rows of a batch, for kernels launched afterwards; the caller may overwrite its rows on
  /// return. Blocks while the GPU is two batches behind.
  [[nodiscard]] ChosenRows bring(const data::Batch& batch, cudaStream_t stream);
  /// Marks the end of the stream's work on the rows; their memory may be reused after it.
  void done(cudaStream_t stream);

 private:
  struct Place {
    PinnedBuffer<std::byte> here;
    DeviceBuffer<std::byte> there;
    Event copied, done;
  };

  io::ElementType type_;
  std::size_t row_bytes_;
  std::size_t stride_;
  std::size_t record_bytes_;
  DeviceSums& sums_;
  std::size_t present_ = 0;
  std::array<Place, 2> places_;
  Stream copies_;
};

}  // namespace annmpi::device::cuda::mini_batch
