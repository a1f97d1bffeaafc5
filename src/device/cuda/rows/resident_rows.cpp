#include "device/cuda/rows/resident_rows.hpp"

#include "annmpi/device/memory_plan.hpp"

namespace annmpi::device::cuda::mini_batch {

void ResidentRows::take(const data::HostBlock& shard, std::uint64_t first, std::uint64_t rows,
                        cudaStream_t stream) {
  type_ = stored_as(shard.type());
  const std::size_t row_bytes = shard.columns() * io::bytes_of(shard.type());
  stride_ = static_cast<std::size_t>(device::gpu_row_bytes(row_bytes));
  if (features_.size() < rows * stride_) {
    features_.reserve(rows * stride_);
    features_.clear(stream);  // zeros behind the last column stay there
  }
  labels_.reserve(rows);
  if (rows == 0) return;
  check(cudaMemcpy2DAsync(features_.data(), stride_, shard.bytes().data() + first * row_bytes,
                          row_bytes, row_bytes, rows, cudaMemcpyHostToDevice, stream),
        "copying features");
  copy(shard.labels().data() + first, labels_.data(), rows, cudaMemcpyHostToDevice, stream);
}

StoredRows ResidentRows::rows() const {
  return {type_, features_.data(), static_cast<long long>(stride_), labels_.data(), 1};
}

}  // namespace annmpi::device::cuda::mini_batch
