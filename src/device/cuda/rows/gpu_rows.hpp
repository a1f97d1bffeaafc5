#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "annmpi/data/local_set.hpp"
#include "annmpi/device/device_rows.hpp"

#include "device/cuda/layers/first_layer.hpp"
#include "device/cuda/rows/block_copy.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda {

/// What rows are like, wherever they are.
struct RowShape {
  data::Range range;  ///< in the set
  std::uint64_t columns;
  io::ElementType type;
  double feature_scale;

  [[nodiscard]] std::uint64_t rows() const { return range.size(); }
  /// In the GPU's memory.
  [[nodiscard]] BlockLayout layout() const;
  /// Elements from one row to the next there.
  [[nodiscard]] int stride() const;
};

[[nodiscard]] RowShape shape_of(const data::LocalSet& rows);

/// Rows in the GPU's memory, features as they are stored, in the layout of their shape.
struct GpuRows {
  RowShape shape;
  DeviceBuffer<std::byte> features;  ///< none where they are streamed
  DeviceBuffer<std::int32_t> labels;

  [[nodiscard]] std::uint64_t bytes() const {
    return features.size() + labels.size() * sizeof(std::int32_t);
  }
};

/// Copies rows from the host's memory, of rows that are streamed the labels alone. `wait` returns
/// when the stream has done what it had to.
[[nodiscard]] GpuRows copy_to_gpu(const data::LocalSet& rows, cudaStream_t stream,
                                  const std::function<void()>& wait);

/// Has `read` fill blocks in memory that the GPU copies from by itself: while one block is on its
/// way, the next one is read. A stream of its own makes the copies, and two blocks are in the
/// host's memory, whatever the number of rows.
/// @throws what `read` throws, once no copy is on its way any more
[[nodiscard]] GpuRows receive_on_gpu(const device::RowsToCome& rows, const device::ReadBlock& read);

}  // namespace annmpi::device::cuda
