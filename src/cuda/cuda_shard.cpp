#include "cuda/cuda_shard.hpp"

#include <utility>

#include "cuda/kinds.hpp"

namespace annmpi::cuda {

CudaShard::CudaShard(int units, data::RowSource rows, const model::SetFacts& facts,
                     cudaStream_t stream, std::function<void()> wait)
    : stream_(stream),
      wait_(std::move(wait)),
      facts_(facts),
      rows_(static_cast<long long>(rows.rows())),
      units_(units),
      columns_(static_cast<int>(rows.columns())),
      element_bytes_(io::bytes_of(rows.type())),
      stride_(rows.type() == io::ElementType::uint8 ? (columns_ + 15) / 16 * 16 : columns_),
      type_(stored_as(rows.type())),
      feature_scale_(rows.feature_scale()),
      labels_(rows.labels().size()),
      Z_(static_cast<std::size_t>(carried_size())),
      D_(static_cast<std::size_t>(carried_size())) {
  copy(rows.labels().data(), labels_.data(), labels_.size(), cudaMemcpyHostToDevice, stream_);
  if (rows.file() == nullptr) take(rows.in_memory(), resident_);
  wait_();
  if (rows.file() != nullptr) streamed_.emplace(std::move(rows));
}

std::uint64_t CudaShard::bytes() const {
  return resident_.size() + labels_.size() * sizeof(std::int32_t) +
         (Z_.size() + D_.size()) * sizeof(double);
}

/// Copies the features of a block, rows as kernels want them.
void CudaShard::take(const data::Shard& block, DeviceBuffer<std::byte>& to) {
  const std::size_t rows = block.rows();
  const std::size_t width = static_cast<std::size_t>(columns_) * element_bytes_;
  const std::size_t pitch = static_cast<std::size_t>(stride_) * element_bytes_;
  if (rows == 0) return;
  if (to.size() < rows * pitch) {
    to.reserve(rows * pitch);
    to.clear(stream_);  // zeros behind the last column stay there
  }
  if (pitch == width) {
    copy(block.bytes().data(), to.data(), rows * width, cudaMemcpyHostToDevice, stream_);
    return;
  }
  check(cudaMemcpy2DAsync(to.data(), pitch, block.bytes().data(), width, width, rows,
                          cudaMemcpyHostToDevice, stream_),
        "copying features");
}

Features CudaShard::features_in(const DeviceBuffer<std::byte>& memory, long long rows) const {
  return {type_, memory.data(), rows, columns_, stride_, static_cast<long long>(facts_.chunk_rows)};
}

std::optional<Features> CudaShard::features() const {
  if (streamed_) return std::nullopt;
  return features_in(resident_, rows_);
}

RowView CudaShard::view(long long first, long long rows) const {
  return {Z_.data() + first * units_, D_.data() + first * units_, labels_.data() + first, rows,
          static_cast<long long>(facts_.chunk_rows)};
}

}  // namespace annmpi::cuda
