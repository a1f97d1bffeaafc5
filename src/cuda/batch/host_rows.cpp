#include "cuda/batch/host_rows.hpp"

#include <cstdint>
#include <cstring>

#include "cuda/batch/resident_rows.hpp"

namespace annmpi::cuda::batch {

HostRows::HostRows(std::size_t rows, Stored type, std::size_t row_bytes)
    : type_(type),
      row_bytes_(row_bytes),
      stride_(row_stride(row_bytes)),
      record_bytes_(static_cast<std::size_t>(record_bytes(static_cast<long long>(stride_)))),
      records_(rows * record_bytes_) {
  for (Slot& slot : slots_) {
    slot.records = PinnedBuffer<std::byte>(rows * record_bytes_);
    std::memset(slot.records.data(), 0, rows * record_bytes_);
  }
}

ChosenRows HostRows::bring(const model::BatchRows& batch, cudaStream_t stream) {
  Slot& slot = slots_[next_++ % slots_.size()];
  slot.copied.wait();
  const std::size_t rows = batch.labels.size();
  std::byte* record = slot.records.data();
  for (std::size_t i = 0; i < rows; ++i, record += record_bytes_) {
    std::memcpy(record, batch.features[i], row_bytes_);
    std::memcpy(record + stride_, &batch.labels[i], sizeof(std::int32_t));
  }
  copy(slot.records.data(), records_.data(), rows * record_bytes_, cudaMemcpyHostToDevice, stream);
  slot.copied.record(stream);
  return as_they_lie(rows_in(records_.data(), type_, static_cast<long long>(stride_)), 0,
                     static_cast<int>(rows));
}

}  // namespace annmpi::cuda::batch
