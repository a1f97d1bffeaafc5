#include "device/cuda/rows/held_batches.hpp"

namespace annmpi::device::cuda::mini_batch {

HeldBatches::HeldBatches(const data::BatchOrder& order, const CudaRows& own, BatchRank rank,
                         DeviceSums& sums)
    : order_(order),
      own_(own.range()),
      rows_(stored_rows(*own.features(), own.labels())),
      rank_(rank),
      sums_(sums) {
  if (rank_.size > 1)
    records_.reserve(order_.batch_rows() * static_cast<std::size_t>(record_bytes(rows_.stride)));
}

ChosenRows HeldBatches::at(const data::BatchPlace& place, cudaStream_t stream) {
  const data::Range positions = order_.positions(place.step);
  const RowChoice choice{order_.permutation(place.epoch), true,
                         static_cast<long long>(positions.begin),
                         static_cast<int>(positions.size())};
  if (rank_.size == 1) return {rows_, choice};
  fill_records(rows_, static_cast<long long>(own_.begin), static_cast<long long>(own_.size()),
               choice, records_.data(), stream);
  allgather(records_.data(),
            positions.size() * static_cast<std::size_t>(record_bytes(rows_.stride)), sums_, stream);
  return as_they_lie(rows_in(records_.data(), rows_.type, rows_.stride), 0, choice.count);
}

}  // namespace annmpi::device::cuda::mini_batch
