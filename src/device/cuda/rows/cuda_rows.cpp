#include "device/cuda/rows/cuda_rows.hpp"

#include <utility>

namespace annmpi::device::cuda {

CudaRows::CudaRows(int units, GpuRows rows, const data::SetFacts& facts)
    : facts_(facts),
      there_(std::move(rows)),
      rows_(static_cast<long long>(there_.shape.rows)),
      units_(units),
      Z_(static_cast<std::size_t>(carried_size())),
      D_(static_cast<std::size_t>(carried_size())) {}

CudaRows::CudaRows(int units, GpuRows rows, const data::SetFacts& facts, data::LocalSet streamed,
                   cudaStream_t stream)
    : CudaRows(units, std::move(rows), facts) {
  streamed_.emplace(std::move(streamed), there_.shape.layout(), stream);
}

std::uint64_t CudaRows::bytes() const {
  return there_.bytes() + (streamed_ ? streamed_->bytes() : 0) +
         (Z_.size() + D_.size()) * sizeof(double);
}

Features CudaRows::features_in(const std::byte* memory, long long rows) const {
  const RowShape& shape = there_.shape;
  return {
      stored_as(shape.type),           memory,         rows,
      static_cast<int>(shape.columns), shape.stride(), static_cast<long long>(facts_.chunk_rows)};
}

std::optional<Features> CudaRows::features() const {
  if (streamed_) return std::nullopt;
  return features_in(there_.features.data(), rows_);
}

RowView CudaRows::view(long long first, long long rows) const {
  return {Z_.data() + first * units_, D_.data() + first * units_, there_.labels.data() + first,
          rows, static_cast<long long>(facts_.chunk_rows)};
}

}  // namespace annmpi::device::cuda
