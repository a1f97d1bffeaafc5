#pragma once

#include <cstddef>
#include <cstdint>

#include "device/cuda/collectives/device_sums.hpp"

namespace annmpi::device::cuda {

/// This rank among those that share the rows of a batch.
struct BatchRank {
  int rank = 0;
  int size = 1;
};

namespace mini_batch {

/// Brings together what each of the ranks has a part of, and zeros in the others' places: adds up
/// so many bytes, a multiple of 8, as integers. Collective.
inline void bring_together(void* memory, std::size_t bytes, DeviceSums& sums, cudaStream_t stream) {
  sums.sum(static_cast<std::int64_t*>(memory), bytes / sizeof(std::int64_t), stream);
}

}  // namespace mini_batch
}  // namespace annmpi::device::cuda
