// Stands for nccl_sums.cpp in a build without NCCL's header.

#include "cuda/nccl_sums.hpp"

namespace annmpi::cuda {

NcclAttempt make_nccl_sums(const model::GpuRank&) {
  return {nullptr, "built without NCCL"};
}

}  // namespace annmpi::cuda
