#pragma once

#include <array>
#include <cstddef>

#include "annmpi/model/batch_device.hpp"

#include "cuda/batch/rows.hpp"
#include "cuda/event.hpp"
#include "cuda/memory.hpp"

namespace annmpi::cuda::batch {

/// Brings batches of rows that lie anywhere in the host's memory to the GPU's, as records: while
/// one is on its way the host may write the next.
class HostRows {
 public:
  /// Room for so many rows of so many bytes.
  HostRows(std::size_t rows, Stored type, std::size_t row_bytes);

  [[nodiscard]] std::uint64_t bytes() const { return records_.size(); }

  /// The rows of a batch, once the stream has done what it is given here.
  [[nodiscard]] ChosenRows bring(const model::BatchRows& batch, cudaStream_t stream);

 private:
  struct Slot {
    PinnedBuffer<std::byte> records;
    Event copied;
  };
  Stored type_;
  std::size_t row_bytes_;
  std::size_t stride_;
  std::size_t record_bytes_;
  std::size_t next_ = 0;
  std::array<Slot, 2> slots_;
  DeviceBuffer<std::byte> records_;
};

}  // namespace annmpi::cuda::batch
