#pragma once

#include <cstddef>
#include <cstdint>

#include "annmpi/data/batch_order.hpp"

#include "device/cuda/collectives/device_sums.hpp"
#include "device/cuda/rows/cuda_rows.hpp"
#include "device/cuda/rows/rows.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda::mini_batch {

/// Batches of rows that the ranks hold in device memory; the GPU computes their order. A single
/// rank reads the rows in place. Several ranks exchange them as records: each writes its own rows
/// and zeros for the others, and the sum is an allgather.
class HeldBatches {
 public:
  /// The rank's rows must not be streamed; they and the sums must outlive it.
  HeldBatches(const data::BatchOrder& order, const CudaRows& own, BatchRank rank, DeviceSums& sums);

  [[nodiscard]] std::uint64_t bytes() const { return records_.size(); }

  /// The rows of a batch, valid in stream order. Collective.
  [[nodiscard]] ChosenRows at(const data::BatchPlace& place, cudaStream_t stream);

 private:
  data::BatchOrder order_;
  data::Range own_;
  StoredRows rows_;
  BatchRank rank_;
  DeviceSums& sums_;
  DeviceBuffer<std::byte> records_;  ///< unused on one rank
};

}  // namespace annmpi::device::cuda::mini_batch
