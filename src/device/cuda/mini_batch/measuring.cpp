#include "device/cuda/mini_batch/measuring.hpp"

#include <cstddef>

namespace annmpi::device::cuda::mini_batch {

template <class Traits>
device::LossAndHits Measuring<Traits>::losses(CudaRows& rows) {
  const LossBlocks blocks{static_cast<long long>(rows.rows()),
                          static_cast<long long>(rows.facts().chunk_rows)};
  const long long count = blocks.count();
  losses_.reserve(static_cast<std::size_t>(count));
  long long block = 0;
  rows.for_each_block([&](const Features& features, long long first_row) {
    const StoredRows stored = stored_rows(features, rows.labels() + first_row);
    while (block < count && blocks.begin(block) < first_row + features.rows) {
      const long long first = blocks.begin(block);
      long long end = block + 1;
      while (end < count && blocks.end(end) - first <= passes_.measure_rows() &&
             blocks.end(end) <= first_row + features.rows)
        ++end;
      const auto together = static_cast<int>(blocks.end(end - 1) - first);
      passes_.take(as_they_lie(stored, first - first_row, together), {{}, nullptr, nullptr});
      passes_.up(together, 0, together);
      start_losses(passes_.logits(), blocks, block, static_cast<int>(end - block),
                   losses_.data() + block, stream_);
      block = end;
    }
  });
  sums_.wait(stream_);
  device::LossAndHits sums;
  for (const LossSums& one : losses_.values().first(static_cast<std::size_t>(count))) {
    sums.loss.add(one.loss);
    sums.hits += one.hits;
  }
  return sums;
}

template class Measuring<Mixed>;
template class Measuring<Float64>;

}  // namespace annmpi::device::cuda::mini_batch
