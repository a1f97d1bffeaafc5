#include "device/cuda/mini_batch/parameters.hpp"
#include "device/cuda/mini_batch/update.cuh"
#include "device/cuda/runtime/elements.cuh"
#include "device/cuda/runtime/launch.hpp"
#include "device/cuda/runtime/reduce.cuh"

namespace annmpi::device::cuda::mini_batch {
namespace {

template <class Traits>
__global__ void take(const double* theta, LayerPlace layer, Parameters<Traits> to,
                     long long count) {
  for (long long i = first_element(); i < count; i += all_threads())
    set(to, layer.element(i), static_cast<typename Traits::Real>(theta[layer.theta + i]));
}

template <class Real>
__global__ void give(const Real* values, LayerPlace layer, double* theta, long long count) {
  for (long long i = first_element(); i < count; i += all_threads())
    theta[layer.theta + i] = static_cast<double>(values[layer.element(i)]);
}

template <class Traits>
__global__ void move_all(const StepNumbers<typename Traits::Real>* step, const double* squares,
                         int sums, const typename Traits::Real* gradients,
                         Parameters<Traits> parameters) {
  using Real = typename Traits::Real;
  __shared__ double warps[32];
  __shared__ double scale;
  double square = 0;
  for (int i = static_cast<int>(threadIdx.x); i < sums; i += static_cast<int>(blockDim.x))
    square = __dadd_rn(square, squares[i]);
  square = over_block(square, 0.0, Add(), warps);
  if (threadIdx.x == 0) {
    const double norm = sqrt(square);
    scale = norm > step->clip_norm ? step->clip_norm / norm : 1.0;
  }
  __syncthreads();
  for (long long i = first_element(); i < parameters.count; i += all_threads())
    move(parameters, *step, i, parameters.values[i], gradients[i] * static_cast<Real>(scale));
}

}  // namespace

template <class Traits>
void take_layer(const double* theta, const LayerPlace& layer, const Parameters<Traits>& to,
                cudaStream_t stream) {
  launch_for_each(take<Traits>, layer.size(), stream, theta, layer, to, layer.size());
}

template <class Traits>
void give_layer(const Parameters<Traits>& from, const LayerPlace& layer, double* theta,
                cudaStream_t stream) {
  launch_for_each(give<typename Traits::Real>, layer.size(), stream, from.values, layer, theta,
                  layer.size());
}

template <class Traits>
void move_clipped(const StepNumbers<typename Traits::Real>* step, const double* squares, int sums,
                  const typename Traits::Real* gradients, const Parameters<Traits>& parameters,
                  cudaStream_t stream) {
  launch_for_each(move_all<Traits>, parameters.count, stream, step, squares, sums, gradients,
                  parameters);
}

template void take_layer(const double*, const LayerPlace&, const Parameters<Mixed>&, cudaStream_t);
template void take_layer(const double*, const LayerPlace&, const Parameters<Float64>&,
                         cudaStream_t);
template void give_layer(const Parameters<Mixed>&, const LayerPlace&, double*, cudaStream_t);
template void give_layer(const Parameters<Float64>&, const LayerPlace&, double*, cudaStream_t);
template void move_clipped(const StepNumbers<float>*, const double*, int, const float*,
                           const Parameters<Mixed>&, cudaStream_t);
template void move_clipped(const StepNumbers<double>*, const double*, int, const double*,
                           const Parameters<Float64>&, cudaStream_t);

}  // namespace annmpi::device::cuda::mini_batch
