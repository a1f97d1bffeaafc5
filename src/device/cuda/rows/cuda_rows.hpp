#pragma once

#include <optional>

#include "annmpi/data/local_set.hpp"
#include "annmpi/device/device.hpp"

#include "device/cuda/layers/first_layer.hpp"
#include "device/cuda/rows/gpu_rows.hpp"
#include "device/cuda/rows/row_view.hpp"
#include "device/cuda/rows/streamed_blocks.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda {

/// A shard in the GPU's memory with its carried values. Features of rows that are streamed come
/// there a block at a time.
class CudaRows final : public device::DeviceRows {
 public:
  CudaRows(int units, GpuRows rows, const data::SetFacts& facts);
  /// Of rows whose features are streamed, and come to kernels of `stream`.
  CudaRows(int units, GpuRows rows, const data::SetFacts& facts, data::LocalSet streamed,
           cudaStream_t stream);

  [[nodiscard]] std::uint64_t rows() const override { return static_cast<std::uint64_t>(rows_); }
  [[nodiscard]] std::uint64_t bytes() const override;

  /// Calls work(features, first row) for all rows, once for rows that are in the GPU's memory: none
  /// of them reaches from one chunk into the next.
  template <class Work>
  void for_each_block(Work&& work) {
    if (!streamed_) return work(features_in(there_.features.data(), rows_), 0LL);
    streamed_->for_each([&](const std::byte* memory, long long rows, long long first) {
      work(features_in(memory, rows), first);
    });
  }

  /// Rows [first, first + rows), a run of whole chunks or the end.
  [[nodiscard]] RowView view(long long first, long long rows) const;
  [[nodiscard]] RowView view() const { return view(0, rows_); }

  [[nodiscard]] double* Z() const { return Z_.data(); }
  [[nodiscard]] double* D() const { return D_.data(); }
  [[nodiscard]] long long carried_size() const { return rows_ * units_; }
  [[nodiscard]] const data::SetFacts& facts() const { return facts_; }
  [[nodiscard]] double feature_scale() const { return there_.shape.feature_scale; }
  /// All features, unless they are streamed.
  [[nodiscard]] std::optional<Features> features() const;

  /// Losses, slopes and hits of its pieces, in memory that both sides reach, and the number of the
  /// report that they have come.
  struct Sums {
    PinnedBuffer<ChunkSums> pieces;
    std::uint64_t report = 0;
  };
  [[nodiscard]] Sums& sums() { return sums_; }
  [[nodiscard]] const Sums& sums() const { return sums_; }

 private:
  [[nodiscard]] Features features_in(const std::byte* memory, long long rows) const;

  data::SetFacts facts_;
  GpuRows there_;
  long long rows_;
  int units_;
  std::optional<StreamedBlocks> streamed_;
  DeviceBuffer<double> Z_;  ///< [rows, n_1]
  DeviceBuffer<double> D_;  ///< [rows, n_1]
  Sums sums_;
};

}  // namespace annmpi::device::cuda
