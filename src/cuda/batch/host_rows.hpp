#pragma once

#include <array>
#include <cstring>

#include "annmpi/model/batch_device.hpp"

#include "cuda/batch/resident_rows.hpp"
#include "cuda/event.hpp"
#include "cuda/memory.hpp"

namespace annmpi::cuda::batch {

/// Brings batches of rows that lie anywhere in the host's memory to the GPU's, as records: while
/// one is on its way the host may write the next.
class HostRows {
 public:
  /// Room for so many rows of so many bytes.
  HostRows(std::size_t rows, std::size_t row_bytes)
      : row_bytes_(row_bytes),
        record_bytes_(
            static_cast<std::size_t>(record_bytes(static_cast<long long>(row_stride(row_bytes))))) {
    for (Slot& slot : slots_) {
      slot.records = PinnedBuffer<std::byte>(rows * record_bytes_);
      std::memset(slot.records.data(), 0, rows * record_bytes_);
    }
  }

  /// Gives the stream the copy to `records`.
  void bring(const model::BatchRows& batch, std::byte* records, cudaStream_t stream) {
    Slot& slot = slots_[next_++ % slots_.size()];
    slot.copied.wait();
    std::byte* record = slot.records.data();
    for (std::size_t i = 0; i < batch.labels.size(); ++i, record += record_bytes_) {
      std::memcpy(record, batch.features[i], row_bytes_);
      std::memcpy(record + row_stride(row_bytes_), &batch.labels[i], sizeof(std::int32_t));
    }
    copy(slot.records.data(), records, batch.labels.size() * record_bytes_, cudaMemcpyHostToDevice,
         stream);
    slot.copied.record(stream);
  }

 private:
  struct Slot {
    PinnedBuffer<std::byte> records;
    Event copied;
  };
  std::size_t row_bytes_;
  std::size_t record_bytes_;
  std::size_t next_ = 0;
  std::array<Slot, 2> slots_;
};

}  // namespace annmpi::cuda::batch
