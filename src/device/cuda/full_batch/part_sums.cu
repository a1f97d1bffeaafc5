#include "device/cuda/full_batch/part_sums.hpp"
#include "device/cuda/layers/finish.cuh"

namespace annmpi::device::cuda {

void PartSums::start(cudaStream_t stream) {
  if (!are_zero_) parts_.clear(stream);
  are_zero_ = false;
}

void PartSums::finish(const Finish& finish, double feature_scale, cudaStream_t stream) {
  launch_finish(RoundedParts{highs(), lows(), feature_scale, row_length_}, finish, stream);
  are_zero_ = true;
}

}  // namespace annmpi::device::cuda
