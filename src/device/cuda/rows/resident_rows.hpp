#pragma once

#include "annmpi/data/host_block.hpp"

#include "device/cuda/rows/rows.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda::mini_batch {

/// A copy of some rows of a shard in the GPU's memory.
class ResidentRows {
 public:
  ResidentRows() = default;

  /// Takes rows [first, first + rows) of a shard. The shard's memory must stay as it is until the
  /// stream has done it.
  void take(const data::HostBlock& shard, std::uint64_t first, std::uint64_t rows,
            cudaStream_t stream);

  [[nodiscard]] StoredRows rows() const;
  [[nodiscard]] std::uint64_t bytes() const {
    return features_.size() + labels_.size() * sizeof(std::int32_t);
  }

 private:
  Stored type_ = Stored::bytes;
  std::size_t stride_ = 0;
  DeviceBuffer<std::byte> features_;
  DeviceBuffer<std::int32_t> labels_;
};

}  // namespace annmpi::device::cuda::mini_batch
