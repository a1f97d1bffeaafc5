#pragma once

#include <cstddef>
#include <utility>

#include <cuda_runtime.h>

#include "annmpi/data/host_block.hpp"

namespace annmpi::device::cuda {

/// Layout of features in device memory: rows of `width` bytes as in the file, `pitch` bytes apart,
/// zero-padded.
struct BlockLayout {
  std::size_t width;
  std::size_t pitch;
};

/// Copies features from host memory, in stream order.
void copy_rows(const data::HostBlock& rows, const BlockLayout& layout, std::byte* to,
               cudaStream_t stream);

/// Registers host memory as pinned, so that copies from it are asynchronous. If registration fails,
/// the driver stages the copies, which are then synchronous.
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
