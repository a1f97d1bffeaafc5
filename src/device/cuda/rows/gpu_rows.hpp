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

/// Shape and element type of rows, in host or device memory.
struct RowShape {
  data::Range range;  ///< in the set
  std::uint64_t columns;
  io::ElementType type;
  double feature_scale;

  [[nodiscard]] std::uint64_t rows() const { return range.size(); }
  /// In device memory.
  [[nodiscard]] BlockLayout layout() const;
  /// Elements from one row to the next in device memory.
  [[nodiscard]] int stride() const;
};

[[nodiscard]] RowShape shape_of(const data::LocalSet& rows);

/// Rows in device memory, with features of the file's element type in the layout of their shape.
struct GpuRows {
  RowShape shape;
  DeviceBuffer<std::byte> features;  ///< empty if streamed
  DeviceBuffer<std::int32_t> labels;

  [[nodiscard]] std::uint64_t bytes() const {
    return features.size() + labels.size() * sizeof(std::int32_t);
  }
};

/// Copies rows from host memory; of streamed rows only the labels. `wait` synchronizes the stream.
[[nodiscard]] GpuRows copy_to_gpu(const data::LocalSet& rows, cudaStream_t stream,
                                  const std::function<void()>& wait);

/// Double-buffered upload: `read` fills one pinned block while the other is copied on a separate
/// stream. Host memory: two blocks, whatever the number of rows.
/// @throws what `read` throws, after all copies in flight have completed
[[nodiscard]] GpuRows receive_on_gpu(const device::RowsToCome& rows, const device::ReadBlock& read);

}  // namespace annmpi::device::cuda
