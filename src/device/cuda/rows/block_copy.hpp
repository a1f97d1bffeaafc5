#pragma once

#include <cstddef>
#include <utility>

#include <cuda_runtime.h>

#include "annmpi/data/host_block.hpp"

namespace annmpi::device::cuda {

/// Where the features of rows go in the GPU's memory: rows `pitch` bytes apart, of which the first
/// `width` are those of the file, and zeros behind them.
struct BlockLayout {
  std::size_t width;
  std::size_t pitch;
};

/// Copies features from host memory, in the order of a stream.
void copy_rows(const data::HostBlock& rows, const BlockLayout& layout, std::byte* to,
               cudaStream_t stream);

/// Memory of the host that the GPU copies from by itself while it is in use here. Where the system
/// does not allow it, copies pass through memory of the driver's, and the host waits for them.
class PinnedRange {
 public:
  PinnedRange(const std::byte* memory, std::size_t size);
  PinnedRange(const PinnedRange&) = delete;
  PinnedRange(PinnedRange&& other) noexcept
      : memory_(std::exchange(other.memory_, nullptr)),
        size_(other.size_),
        is_pinned_(other.is_pinned_) {}
  PinnedRange& operator=(PinnedRange&&) = delete;
  ~PinnedRange();

  [[nodiscard]] const std::byte* memory() const { return memory_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::byte* memory_;
  std::size_t size_;
  bool is_pinned_;
};

}  // namespace annmpi::device::cuda
