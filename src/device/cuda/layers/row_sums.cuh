#pragma once

#include "device/cuda/rows/row_view.hpp"
#include "device/cuda/runtime/completion_flag.cuh"
#include "device/cuda/runtime/reduce.cuh"

namespace annmpi::device::cuda {

/// The rows of a block of sum_rows threads, one per thread.
struct BlockRows {
  long long chunk;  ///< within the view
  long long first;  ///< within the view
  int count;        ///< 0 for a block beyond the end of the chunk
  unsigned block;   ///< within the chunk
  unsigned blocks;  ///< of the chunk

  __device__ explicit BlockRows(const RowView& view) {
    const long long per_chunk = view.blocks_per_chunk();
    chunk = static_cast<long long>(blockIdx.x) / per_chunk;
    block = static_cast<unsigned>(static_cast<long long>(blockIdx.x) % per_chunk);
    const long long begin = chunk * view.chunk_rows;
    const long long rest = view.rows - begin;
    const long long rows = rest < view.chunk_rows ? rest : view.chunk_rows;
    blocks = static_cast<unsigned>((rows + sum_rows - 1) / sum_rows);
    first = begin + static_cast<long long>(block) * sum_rows;
    const long long left = rows - static_cast<long long>(block) * sum_rows;
    count = left <= 0 ? 0 : left < sum_rows ? static_cast<int>(left) : static_cast<int>(sum_rows);
  }
};

/// Sums over the threads of a block; the last block of a chunk sums over its blocks. Both in a
/// fixed order. All threads of the block call it.
__device__ inline void sum_over_chunk(const RowView& view, const BlockRows& rows,
                                      const RowSums& sums, double loss, double slope,
                                      long long hits) {
  __shared__ double doubles[sum_rows / warp_size];
  __shared__ long long integers[sum_rows / warp_size];
  loss = over_block(loss, 0.0, Add(), doubles);
  slope = over_block(slope, 0.0, Add(), doubles);
  hits = over_block(hits, 0LL, Add(), integers);
  ChunkSums* const blocks = sums.blocks + rows.chunk * view.blocks_per_chunk();
  if (threadIdx.x == 0) blocks[rows.block] = {loss, slope, hits};
  if (!is_last_block(sums.counters + rows.chunk, rows.blocks)) return;
  ChunkSums all{0, 0, 0};
  for (unsigned i = threadIdx.x; i < rows.blocks; i += sum_rows) {
    all.loss = __dadd_rn(all.loss, blocks[i].loss);
    all.slope = __dadd_rn(all.slope, blocks[i].slope);
    all.hits += blocks[i].hits;
  }
  loss = over_block(all.loss, 0.0, Add(), doubles);
  slope = over_block(all.slope, 0.0, Add(), doubles);
  hits = over_block(all.hits, 0LL, Add(), integers);
  if (threadIdx.x > 0) return;
  sums.chunks[rows.chunk] = {loss, slope, hits};
  set_flag_last(sums.counter, static_cast<unsigned>(view.chunks()), sums.report);
}

}  // namespace annmpi::device::cuda
