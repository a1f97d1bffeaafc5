#pragma once

#include "device/cuda/mini_batch/update.cuh"
#include "device/cuda/runtime/reduce.cuh"

/// GEMM epilogues, as start_product() calls them.
namespace annmpi::device::cuda::mini_batch {

template <class Arguments>
struct Epilogue;

/// Defaults: no padding, nothing to finish.
struct PlainEpilogue {
  __device__ int end_of_padding() const { return 0; }
  __device__ void pad(int, int) const {}
  __device__ void finish() const {}
};

template <class Traits>
struct Epilogue<ToValues<Traits>> : PlainEpilogue {
  using Real = typename Traits::Real;
  ToValues<Traits> to;

  __device__ void operator()(int row, int unit, Real c) const {
    const Real z = fused(to.scale, c, to.biases[unit]);
    if (to.arguments != nullptr) to.arguments[static_cast<long long>(row) * to.units + unit] = z;
    store<Traits>(to.values, row, unit, activate(to.activation, z));
  }
  __device__ int end_of_padding() const { return to.values.pitch; }
  __device__ void pad(int row, int column) const {
    store<Traits>(to.values, row, column, column == to.units ? Real{1} : Real{0});
  }
};

template <class Traits>
struct Epilogue<ToLogits<Traits>> : PlainEpilogue {
  ToLogits<Traits> to;

  __device__ void operator()(int row, int unit, typename Traits::Real c) const {
    to.z[static_cast<long long>(row) * to.classes + unit] = fused(to.scale, c, to.biases[unit]);
  }
};

template <class Traits>
struct Epilogue<ToDeltas<Traits>> : PlainEpilogue {
  using Real = typename Traits::Real;
  ToDeltas<Traits> to;

  __device__ void operator()(int row, int column, Real c) const {
    const Real a = load<Traits>(to.values, row, column);
    const Real z =
        to.arguments == nullptr ? a : to.arguments[static_cast<long long>(row) * to.units + column];
    store<Traits>(to.deltas, row, column, times_derivative(to.activation, z, a, c));
  }
  __device__ int end_of_padding() const { return to.deltas.pitch; }
  __device__ void pad(int row, int column) const { store<Traits>(to.deltas, row, column, Real{0}); }
};

template <class Traits>
struct Epilogue<ToParameters<Traits>> : PlainEpilogue {
  using Real = typename Traits::Real;
  ToParameters<Traits> to;
  double largest = 0;

  __device__ long long index(int unit, int input) const {
    return input < to.layer.inputs ? to.layer.weight(unit, input) : to.layer.biases + unit;
  }
  __device__ Real gradient_of(int unit, int input, Real c) {
    const bool is_weight = input < to.layer.inputs;
    const Real w = to.parameters.values[index(unit, input)];
    const Real g = gradient(*to.step, is_weight ? to.scale * c : c, is_weight, w);
    largest = LargerMagnitude()(largest, static_cast<double>(g));
    return g;
  }

  __device__ void operator()(int unit, int input, Real c) {
    const long long at = index(unit, input);
    move(to.parameters, *to.step, at, to.parameters.values[at], gradient_of(unit, input, c));
  }
  __device__ void finish() const {
    const double all = over_warp(largest, LargerMagnitude());
    if (threadIdx.x % warp_size == 0)
      atomicMax(to.largest, static_cast<unsigned long long>(__double_as_longlong(all)));
  }
};

template <class Traits>
struct Epilogue<ToGradient<Traits>> : PlainEpilogue {
  using Real = typename Traits::Real;
  Epilogue<ToParameters<Traits>> update;
  Real* gradients;
  double* squares;
  double own = 0;

  __device__ void operator()(int unit, int input, Real c) {
    const Real g = update.gradient_of(unit, input, c);
    gradients[update.index(unit, input)] = g;
    own = __fma_rn(static_cast<double>(g), static_cast<double>(g), own);
  }
  __device__ void finish() const {
    __shared__ double warps[warp_size];
    update.finish();
    const double all = over_block(own, 0.0, Add(), warps);
    if (threadIdx.x == 0) squares[blockIdx.y * gridDim.x + blockIdx.x] = all;
  }
};

}  // namespace annmpi::device::cuda::mini_batch
