#pragma once

#include <functional>
#include <optional>

#include "annmpi/data/local_set.hpp"
#include "annmpi/device/device_rows.hpp"

#include "device/cuda/layers/first_layer.hpp"
#include "device/cuda/rows/gpu_rows.hpp"
#include "device/cuda/rows/row_view.hpp"
#include "device/cuda/rows/streamed_blocks.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda {

/// Rows in device memory, with the first-layer state Z and D of full-batch methods. Streamed
/// features are copied block by block.
class CudaRows final : public device::DeviceRows {
 public:
  explicit CudaRows(GpuRows rows);
  /// Copies rows that are in host memory; others are streamed to the kernels of `stream`. `wait`
  /// synchronizes the stream.
  CudaRows(data::LocalSet rows, cudaStream_t stream, const std::function<void()>& wait);

  /// Allocates Z and D for so many units; 0: none.
  void complete(const data::SetFacts& facts, int units);

  [[nodiscard]] std::uint64_t rows() const override { return there_.shape.rows(); }
  [[nodiscard]] std::uint64_t bytes() const override;
  [[nodiscard]] const data::LocalSet* on_host() const override {
    return streamed_ ? &streamed_->rows() : nullptr;
  }

  /// Calls work(features, first row) for all rows: once if they are in device memory, else once per
  /// block of whole chunks.
  template <class Work>
  void for_each_block(Work&& work) {
    if (!streamed_) return work(features_in(there_.features.data(), count()), 0LL);
    streamed_->for_each([&](const std::byte* memory, long long rows, long long first) {
      work(features_in(memory, rows), first);
    });
  }

  /// Rows [first, first + rows): whole chunks, or up to the last row.
  [[nodiscard]] RowView view(long long first, long long rows) const;
  [[nodiscard]] RowView view() const { return view(0, count()); }

  [[nodiscard]] double* Z() const { return Z_.data(); }
  [[nodiscard]] double* D() const { return D_.data(); }
  [[nodiscard]] long long carried_size() const { return count() * units_; }
  [[nodiscard]] const int* labels() const { return there_.labels.data(); }
  [[nodiscard]] const data::Range& range() const { return there_.shape.range; }
  [[nodiscard]] double feature_scale() const { return there_.shape.feature_scale; }
  /// All features; not for streamed rows.
  [[nodiscard]] std::optional<Features> features() const;

  /// Losses, slopes and hits per chunk in pinned memory, and the number of the completion flag that
  /// is set once they are written.
  struct Sums {
    PinnedBuffer<ChunkSums> pieces;
    std::uint64_t report = 0;
  };
  [[nodiscard]] Sums& sums() { return sums_; }
  [[nodiscard]] const Sums& sums() const { return sums_; }

 private:
  [[nodiscard]] long long count() const { return static_cast<long long>(rows()); }
  [[nodiscard]] Features features_in(const std::byte* memory, long long rows) const;

  GpuRows there_;
  int units_ = 0;
  std::optional<StreamedBlocks> streamed_;
  DeviceBuffer<double> Z_;  ///< [rows, n_1]
  DeviceBuffer<double> D_;  ///< [rows, n_1]
  Sums sums_;
};

}  // namespace annmpi::device::cuda
