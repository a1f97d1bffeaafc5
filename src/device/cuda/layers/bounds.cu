#include <limits>

#include "device/cuda/layers/activation_math.cuh"
#include "device/cuda/layers/bounds.hpp"
#include "device/cuda/runtime/launch.hpp"
#include "device/cuda/runtime/reduce.cuh"

namespace annmpi::device::cuda {
namespace kernels {
namespace {

constexpr unsigned bound_threads = 512;

/// A single block.
__global__ void __launch_bounds__(bound_threads)
    bound_units(LayerTable layers, rules::Activation activation, DevicePoint point,
                BoundFacts facts, network::UnitSplit* splits, SliceStart slice_start) {
  __shared__ double activations[LayerTable::most];
  __shared__ double warps[bound_threads / warp_size];
  const int thread = static_cast<int>(threadIdx.x);
  constexpr int threads = static_cast<int>(bound_threads);
  const auto parameter = [&](long long element) {
    const double w = point.theta[element];
    return point.direction == nullptr ? w : __fma_rn(point.step, point.direction[element], w);
  };
  if (thread == 0) activations[0] = facts.largest_feature * fabs(facts.feature_scale);
  __syncthreads();
  constexpr double unbounded = std::numeric_limits<double>::infinity();
  const double limit = formulas::largest_value(activation, unbounded);
  for (unsigned l = 1; l < layers.count; ++l) {
    double bound = limit;
    if (limit == unbounded) {
      const LayerShape& below = layers.layers[l - 1];
      const LargerMagnitude larger;
      double largest = 0;
      for (int j = thread; j < below.outputs; j += threads) {
        const long long row = below.offset + static_cast<long long>(j) * below.row_length();
        double sum = 0;
        for (int i = 1; i <= below.inputs; ++i) sum += fabs(parameter(row + i));
        largest = larger(largest, fabs(parameter(row)) + sum * activations[l - 1]);
      }
      bound = formulas::largest_value(activation, over_block(largest, 0.0, larger, warps));
    }
    if (thread == 0) activations[l] = bound;
    __syncthreads();
  }
  // The bounds of deltas are kept in the splits until those are computed from them.
  const LayerShape& last = layers.layers[layers.count - 1];
  for (int k = thread; k < last.outputs; k += threads)
    splits[last.first_unit + k].delta = facts.largest_delta;
  __syncthreads();
  for (unsigned l = layers.count - 1; l > 0; --l) {
    const LayerShape& layer = layers.layers[l];
    for (int j = thread; j < layer.inputs; j += threads) {
      double sum = 0;
      for (int k = 0; k < layer.outputs; ++k)
        sum +=
            fabs(parameter(layer.offset + static_cast<long long>(k) * layer.row_length() + 1 + j)) *
            splits[layer.first_unit + k].delta;
      splits[layers.layers[l - 1].first_unit + j].delta =
          sum * formulas::largest_derivative(activation, unbounded);
    }
    __syncthreads();
  }
  for (unsigned l = 0; l < layers.count; ++l) {
    const PartialSums& partial = l == 0 ? facts.first : facts.upper;
    const double input = l == 0 ? facts.largest_feature * facts.for_floats : activations[l];
    for (int j = thread; j < layers.layers[l].outputs; j += threads) {
      network::UnitSplit& split = splits[layers.layers[l].first_unit + j];
      const double delta = (1 + 0x1p-20) * split.delta;
      const double bound = partial.rows * delta;
      split = {exact_sum::make_split(bound, partial.count),
               exact_sum::make_split(bound * input, partial.count), delta};
      if (l > 0 || slice_start.scales == nullptr) continue;
      slice_start.scales[j] = byte_slices::scale_for(delta, 8);
      slice_start.sums.low[j] = slice_start.sums.high[j] = slice_start.sums.outside[j] = 0;
    }
  }
}

}  // namespace
}  // namespace kernels

void bound_units(const LayerTable& layers, rules::Activation activation, const DevicePoint& point,
                 const BoundFacts& facts, network::UnitSplit* splits, const SliceStart& slices,
                 cudaStream_t stream) {
  launch(kernels::bound_units, {1}, kernels::bound_threads, 0, stream, layers, activation, point,
         facts, splits, slices);
}

}  // namespace annmpi::device::cuda
