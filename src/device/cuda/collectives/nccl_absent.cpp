// Replaces nccl_sums.cpp in a build without nccl.h.

#include "device/cuda/collectives/nccl_sums.hpp"

namespace annmpi::device::cuda {

NcclAttempt make_nccl_sums(const device::GpuRank&) {
  return {nullptr, "built without NCCL"};
}

}  // namespace annmpi::device::cuda
