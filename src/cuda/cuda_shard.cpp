#include "cuda/cuda_shard.hpp"

#include <utility>

#include "cuda/kinds.hpp"
#include "cuda/launch.hpp"

namespace annmpi::cuda {
namespace {

/// In elements, so that rows begin at multiples of 16 bytes.
int stride_of(int columns, std::size_t element_bytes) {
  return parts_of(columns, static_cast<int>(16 / element_bytes)) *
         static_cast<int>(16 / element_bytes);
}

}  // namespace

CudaShard::CudaShard(int units, data::RowSource rows, const model::SetFacts& facts,
                     cudaStream_t stream, const std::function<void()>& wait)
    : facts_(facts),
      rows_(static_cast<long long>(rows.rows())),
      units_(units),
      columns_(static_cast<int>(rows.columns())),
      element_bytes_(io::bytes_of(rows.type())),
      stride_(stride_of(columns_, element_bytes_)),
      type_(stored_as(rows.type())),
      feature_scale_(rows.feature_scale()),
      labels_(rows.labels().size()),
      Z_(static_cast<std::size_t>(carried_size())),
      D_(static_cast<std::size_t>(carried_size())) {
  const BlockLayout layout{static_cast<std::size_t>(columns_) * element_bytes_,
                           static_cast<std::size_t>(stride_) * element_bytes_};
  copy(rows.labels().data(), labels_.data(), labels_.size(), cudaMemcpyHostToDevice, stream);
  if (rows.file() == nullptr) {
    resident_.reserve(rows.in_memory().rows() * layout.pitch);
    if (layout.pitch != layout.width) resident_.clear(stream);  // zeros behind the last column
    copy_rows(rows.in_memory(), layout, resident_.data(), stream);
  }
  wait();
  if (rows.file() != nullptr) streamed_.emplace(std::move(rows), layout, stream);
}

std::uint64_t CudaShard::bytes() const {
  return resident_.size() + (streamed_ ? streamed_->bytes() : 0) +
         labels_.size() * sizeof(std::int32_t) + (Z_.size() + D_.size()) * sizeof(double);
}

Features CudaShard::features_in(const std::byte* memory, long long rows) const {
  return {type_, memory, rows, columns_, stride_, static_cast<long long>(facts_.chunk_rows)};
}

std::optional<Features> CudaShard::features() const {
  if (streamed_) return std::nullopt;
  return features_in(resident_.data(), rows_);
}

RowView CudaShard::view(long long first, long long rows) const {
  return {Z_.data() + first * units_, D_.data() + first * units_, labels_.data() + first, rows,
          static_cast<long long>(facts_.chunk_rows)};
}

}  // namespace annmpi::cuda
