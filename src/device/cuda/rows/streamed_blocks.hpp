#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "annmpi/data/local_set.hpp"
#include "annmpi/device/memory_plan.hpp"

#include "device/cuda/rows/block_copy.hpp"
#include "device/cuda/runtime/event.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda {

/// Streams rows of a file through the GPU: a thread reads blocks ahead (data/local_set), and a
/// separate stream copies a block while kernels process the previous one. Device memory: two
/// blocks, whatever the number of rows.
class StreamedBlocks {
 public:
  /// Kernels on `stream` process the blocks.
  StreamedBlocks(data::LocalSet rows, const BlockLayout& layout, cudaStream_t stream);

  [[nodiscard]] const data::LocalSet& rows() const { return rows_; }
  /// Device memory in use.
  [[nodiscard]] std::size_t bytes() const { return places_[0].memory.size() * places_.size(); }

  /// One pass: calls work(features, rows, first row) for all blocks in order. `work` launches
  /// kernels that read the features; it need not synchronize.
  /// @throws Error as data::LocalSet does.
  template <class Work>
  void for_each(Work&& work) {
    long long first = 0;
    rows_.for_each_block([&](const data::HostBlock& block) {
      Place& place = fetch(block);
      const auto rows = static_cast<long long>(block.rows());
      work(static_cast<const std::byte*>(place.memory.data()), rows, first);
      first += rows;
      place.used.record(stream_);
      place.filled.wait();  // the host buffer is reused for the next block
    });
  }

 private:
  struct Place {
    DeviceBuffer<std::byte> memory;
    Event filled, used;
  };

  [[nodiscard]] Place& fetch(const data::HostBlock& block);
  void pin(const data::HostBlock& block);

  data::LocalSet rows_;
  BlockLayout layout_;
  cudaStream_t stream_;
  Stream copies_;
  std::array<Place, device::streamed_blocks_on_gpu> places_;
  std::size_t next_ = 0;
  std::vector<PinnedRange> pinned_;  ///< slots of the row source
};

}  // namespace annmpi::device::cuda
