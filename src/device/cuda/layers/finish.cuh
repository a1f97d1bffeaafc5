#pragma once

#include "device/cuda/layers/finish.hpp"
#include "device/cuda/runtime/elements.cuh"
#include "device/cuda/runtime/launch.hpp"

namespace annmpi::device::cuda {

__device__ inline double rounded(const RoundedParts& sums, long long i) {
  const double sum = __dadd_rn(sums.highs[i], sums.lows[i]);
  return i % sums.row_length == 0 ? sum : __dmul_rn(sum, sums.scale);
}
__device__ inline void clear(const RoundedParts& sums, long long i) {
  sums.highs[i] = sums.lows[i] = 0;
}

/// The kernel of Finish; resets the sums to zero.
template <class FirstSums>
__global__ void finish_gradient(FirstSums first, RoundedParts upper, LayerTable layers,
                                DevicePoint point, double scale, double penalty, double* gradient) {
  for (long long i = first_element(); i < layers.parameters; i += all_threads()) {
    const long long above = i - layers.first_upper();
    double sum;
    if (above < 0) {
      sum = rounded(first, i);
      clear(first, i);
    } else {
      sum = rounded(upper, above);
      clear(upper, above);
    }
    const double scaled = __dmul_rn(scale, sum);
    if (layers.is_bias(i)) {
      gradient[i] = scaled;
      continue;
    }
    double weight = point.theta[i];
    if (point.direction != nullptr)
      weight = __dadd_rn(weight, __dmul_rn(point.step, point.direction[i]));
    gradient[i] = __dadd_rn(scaled, __dmul_rn(penalty, weight));
  }
}

template <class FirstSums>
void launch_finish(const FirstSums& first, const Finish& finish, cudaStream_t stream) {
  launch_for_each(finish_gradient<FirstSums>, finish.layers.parameters, stream, first, finish.upper,
                  finish.layers, finish.point, finish.scale, finish.penalty, finish.gradient);
}

}  // namespace annmpi::device::cuda
