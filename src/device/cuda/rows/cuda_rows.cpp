#include "device/cuda/rows/cuda_rows.hpp"

#include <utility>

namespace annmpi::device::cuda {

CudaRows::CudaRows(GpuRows rows) : there_(std::move(rows)) {}

CudaRows::CudaRows(data::LocalSet rows, cudaStream_t stream, const std::function<void()>& wait)
    : CudaRows(copy_to_gpu(rows, stream, wait)) {
  if (rows.file() != nullptr) streamed_.emplace(std::move(rows), there_.shape.layout(), stream);
}

void CudaRows::complete(const data::SetFacts& facts, int units) {
  set_facts(facts);
  units_ = units;
  Z_ = DeviceBuffer<double>(static_cast<std::size_t>(carried_size()));
  D_ = DeviceBuffer<double>(static_cast<std::size_t>(carried_size()));
}

std::uint64_t CudaRows::bytes() const {
  return there_.bytes() + (streamed_ ? streamed_->bytes() : 0) +
         (Z_.size() + D_.size()) * sizeof(double);
}

Features CudaRows::features_in(const std::byte* memory, long long rows) const {
  const RowShape& shape = there_.shape;
  return {shape.type,     memory,
          rows,           static_cast<int>(shape.columns),
          shape.stride(), static_cast<long long>(facts().chunk_rows)};
}

std::optional<Features> CudaRows::features() const {
  if (streamed_) return std::nullopt;
  return features_in(there_.features.data(), count());
}

RowView CudaRows::view(long long first, long long rows) const {
  return {Z_.data() + first * units_, D_.data() + first * units_, there_.labels.data() + first,
          rows, static_cast<long long>(facts().chunk_rows)};
}

}  // namespace annmpi::device::cuda
