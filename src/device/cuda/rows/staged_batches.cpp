#include "device/cuda/rows/staged_batches.hpp"

#include <cstring>

#include "annmpi/device/memory_plan.hpp"

namespace annmpi::device::cuda::mini_batch {

StagedBatches::StagedBatches(std::size_t rows, io::ElementType type, std::size_t row_bytes,
                             DeviceSums& sums)
    : type_(type),
      row_bytes_(row_bytes),
      stride_(static_cast<std::size_t>(device::gpu_row_bytes(row_bytes))),
      record_bytes_(static_cast<std::size_t>(record_bytes(static_cast<long long>(stride_)))),
      sums_(sums) {
  for (Place& place : places_) {
    place.here = PinnedBuffer<std::byte>(rows * record_bytes_);
    place.there = DeviceBuffer<std::byte>(rows * record_bytes_);
    std::memset(place.here.data(), 0, rows * record_bytes_);
  }
}

StagedBatches::~StagedBatches() {
  // After an exception copies may still be in flight.
  (void)cudaStreamSynchronize(copies_);
}

std::uint64_t StagedBatches::bytes() const {
  return places_[0].there.size() + places_[1].there.size();
}

ChosenRows StagedBatches::bring(const data::Batch& batch, cudaStream_t stream) {
  present_ = (present_ + 1) % places_.size();
  Place& place = places_[present_];
  sums_.wait(place.copied);  // the batch before last
  const std::size_t rows = batch.labels.size();
  std::byte* record = place.here.data();
  for (std::size_t i = 0; i < rows; ++i, record += record_bytes_) {
    std::memcpy(record, batch.features[i], row_bytes_);
    std::memcpy(record + stride_, &batch.labels[i], sizeof(std::int32_t));
  }
  place.done.let_wait(copies_);
  copy(place.here.data(), place.there.data(), rows * record_bytes_, cudaMemcpyHostToDevice,
       copies_);
  place.copied.record(copies_);
  place.copied.let_wait(stream);
  return as_they_lie(rows_in(place.there.data(), type_, static_cast<long long>(stride_)), 0,
                     static_cast<int>(rows));
}

void StagedBatches::done(cudaStream_t stream) {
  places_[present_].done.record(stream);
}

}  // namespace annmpi::device::cuda::mini_batch
