#pragma once

#include <cstddef>
#include <cstdint>

#include "annmpi/data/batch_order.hpp"

#include "device/cuda/collectives/device_sums.hpp"
#include "device/cuda/rows/cuda_rows.hpp"
#include "device/cuda/rows/rows.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda::mini_batch {

/// Batches of rows that the ranks hold in the memory of their GPUs. The order is computed there. A
/// rank alone takes the rows where they lie; several ranks add up records of them, each its own and
/// zeros.
class HeldBatches {
 public:
  /// Of this rank's rows, none of which is streamed; they and the sums must outlive it.
  HeldBatches(const data::BatchOrder& order, const CudaRows& own, BatchRank rank, DeviceSums& sums);

  [[nodiscard]] std::uint64_t bytes() const { return records_.size(); }

  /// The rows of a batch, once the stream has done what it is given here. Collective.
  [[nodiscard]] ChosenRows at(const data::BatchPlace& place, cudaStream_t stream);

 private:
  data::BatchOrder order_;
  data::Range own_;
  StoredRows rows_;
  BatchRank rank_;
  DeviceSums& sums_;
  DeviceBuffer<std::byte> records_;  ///< on several ranks
};

}  // namespace annmpi::device::cuda::mini_batch
