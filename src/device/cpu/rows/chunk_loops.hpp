#pragma once

#include <cstddef>
#include <cstdint>

#include <omp.h>

#include "device/cpu/rows/cpu_rows.hpp"

namespace annmpi::device::cpu {

/// Calls work(thread, chunk) for all chunks of a shard, without their features. Each thread gets a
/// contiguous run of chunks.
template <class Real, class Work>
void for_each_chunk(CpuRows<Real>& shard, int threads, Work&& work) {
  const auto chunks = static_cast<std::int64_t>(shard.chunks());
#pragma omp parallel for schedule(static) num_threads(threads)
  for (std::int64_t index = 0; index < chunks; ++index)
    work(omp_get_thread_num(), shard.chunk(static_cast<std::size_t>(index)));
}

/// The same with features, one block of rows after another. Each thread calls finish(thread) after
/// its last chunk of a block; the features of the block may be overwritten afterwards.
template <class Real, class Work, class Finish>
void for_each_chunk_of_features(CpuRows<Real>& shard, int threads, Work&& work, Finish&& finish) {
  shard.data().for_each_block([&](const data::HostBlock& block) {
    const data::Range chunks = shard.chunks_of(block);
#pragma omp parallel num_threads(threads)
    {
      const int thread = omp_get_thread_num();
#pragma omp for schedule(static) nowait
      for (std::size_t index = chunks.begin; index < chunks.end; ++index)
        work(thread, shard.chunk_of(block, index));
      finish(thread);
    }
  });
}

}  // namespace annmpi::device::cpu
