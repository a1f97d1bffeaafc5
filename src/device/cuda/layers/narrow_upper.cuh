#pragma once

#include "annmpi/network/unit_split.hpp"

#include "device/cuda/layers/activation_math.cuh"
#include "device/cuda/layers/layer_table.hpp"
#include "device/cuda/layers/row_sums.cuh"
#include "device/cuda/runtime/instructions.cuh"

namespace annmpi::device::cuda {

/// Pitch of a unit's numbers in shared memory, one per row of the block: odd, so that neither
/// neighbouring rows nor neighbouring units have bank conflicts.
inline constexpr int row_pitch = static_cast<int>(sum_rows) + 1;

/// Shared memory of narrow_upper, in doubles: activations or logits of all units, their tangents or
/// deltas, the parameters of the layers above the first with their direction, and pre-activations
/// if they are kept.
__host__ __device__ inline long long narrow_upper_doubles(const LayerTable& layers) {
  return (layers.keeps_arguments ? 3LL : 2LL) * layers.units * row_pitch +
         2 * layers.upper_parameters();
}

/// Arguments of Pass::gradient.
struct UpperGradient {
  const network::UnitSplit* splits;  ///< of all units of the network
  double* delta;                     ///< delta_1 [rows, n_1]
  double* highs;                     ///< of the parameters above the first layer
  double* lows;
};

enum class Pass { measure, probe, gradient, logits };

/// Outputs k to k + K - 1 of a layer for one row: z = b + W a, and with tangents
/// dz = c + V a + W da.
template <int K, bool Tangent>
__device__ void narrow_affine(const double* W, const double* V, int inputs, const double* a,
                              const double* da, double* z, double* dz) {
  double sum[K], slope[K];
#pragma unroll
  for (int k = 0; k < K; ++k) {
    sum[k] = W[k * (inputs + 1)];
    if constexpr (Tangent) slope[k] = V[k * (inputs + 1)];
  }
  for (int j = 0; j < inputs; ++j) {
    const double value = a[j * row_pitch];
#pragma unroll
    for (int k = 0; k < K; ++k) {
      const double weight = W[k * (inputs + 1) + 1 + j];
      sum[k] = __fma_rn(value, weight, sum[k]);
      if constexpr (Tangent)
        slope[k] = __fma_rn(da[j * row_pitch], weight,
                            __fma_rn(value, V[k * (inputs + 1) + 1 + j], slope[k]));
    }
  }
#pragma unroll
  for (int k = 0; k < K; ++k) {
    z[k * row_pitch] = sum[k];
    if constexpr (Tangent) dz[k * row_pitch] = slope[k];
  }
}

/// The layers above the first, where their parameters and values fit into shared memory: a thread
/// computes the forward and backward pass of a row.
template <Pass What>
__global__ void __launch_bounds__(sum_rows)
    narrow_upper(RowView view, LayerTable layers, Activation activation, OutputUnit output,
                 DevicePoint point, RowSums sums, UpperGradient gradient, double* logits) {
  constexpr bool tangent = What == Pass::probe;
  const BlockRows rows(view);
  if (rows.count == 0) return;
  double* const values = shared_memory<double>();
  double* const others = values + layers.units * row_pitch;  // tangents, or deltas
  double* const parameters = others + layers.units * row_pitch;
  double* const direction = parameters + layers.upper_parameters();
  const bool keeps_arguments = What == Pass::gradient && layers.keeps_arguments;
  double* const arguments = keeps_arguments ? direction + layers.upper_parameters() : values;
  const int thread = static_cast<int>(threadIdx.x);
  const int width = layers.layers[0].outputs;

  const bool moved = point.direction != nullptr;
  for (long long i = thread; i < layers.upper_parameters(); i += sum_rows) {
    const double w = point.theta[layers.first_upper() + i];
    const double v = moved ? point.direction[layers.first_upper() + i] : 0.0;
    parameters[i] = moved ? __dadd_rn(w, __dmul_rn(point.step, v)) : w;
    if constexpr (tangent) direction[i] = v;
  }
  for (int i = thread; i < static_cast<int>(sum_rows) * width; i += static_cast<int>(sum_rows)) {
    const int to = i % width * row_pitch + i / width;
    const long long from = rows.first * width + i;
    const bool there = i / width < rows.count;
    double z = there ? view.Z[from] : 0.0;
    const double change = there && moved ? view.D[from] : 0.0;
    if (moved) z = __fma_rn(point.step, change, z);
    if (keeps_arguments) arguments[to] = z;
    const double a = layers.count > 1 ? activate(activation, z) : z;
    values[to] = a;
    if constexpr (tangent)
      others[to] = layers.count > 1 ? times_derivative(activation, z, a, change) : change;
  }
  __syncthreads();

  const LayerShape last = layers.layers[layers.count - 1];
  const bool there = thread < rows.count;
  double loss = 0, slope = 0;
  long long hits = 0;
  if (there) {
    for (unsigned l = 1; l < layers.count; ++l) {
      const LayerShape& layer = layers.layers[l];
      const double* const a = values + layers.layers[l - 1].first_unit * row_pitch + thread;
      const double* const da = others + layers.layers[l - 1].first_unit * row_pitch + thread;
      double* const z = values + layer.first_unit * row_pitch + thread;
      double* const dz = others + layer.first_unit * row_pitch + thread;
      const double* const W = parameters + (layer.offset - layers.first_upper());
      const double* const V = direction + (layer.offset - layers.first_upper());
      int k = 0;
      for (; k + 4 <= layer.outputs; k += 4)
        narrow_affine<4, tangent>(W + k * layer.row_length(), V + k * layer.row_length(),
                                  layer.inputs, a, da, z + k * row_pitch, dz + k * row_pitch);
      for (; k < layer.outputs; ++k)
        narrow_affine<1, tangent>(W + k * layer.row_length(), V + k * layer.row_length(),
                                  layer.inputs, a, da, z + k * row_pitch, dz + k * row_pitch);
      if (l + 1 == layers.count) break;
      for (k = 0; k < layer.outputs; ++k) {
        const double argument = z[k * row_pitch];
        if (keeps_arguments) arguments[(layer.first_unit + k) * row_pitch + thread] = argument;
        const double value = activate(activation, argument);
        z[k * row_pitch] = value;
        if constexpr (tangent)
          dz[k * row_pitch] = times_derivative(activation, argument, value, dz[k * row_pitch]);
      }
    }
    double* const z = values + last.first_unit * row_pitch + thread;
    double* const delta = others + last.first_unit * row_pitch + thread;
    if constexpr (What == Pass::logits) {
      for (int k = 0; k < last.outputs; ++k)
        logits[(rows.first + thread) * last.outputs + k] = z[k * row_pitch];
      return;
    }
    const int label = view.labels[rows.first + thread];
    hits = is_hit(z, row_pitch, last.outputs, label) ? 1 : 0;
    if constexpr (tangent) {
      // Deltas replace the logits, as the tangents are still needed.
      loss = row_loss(output, z, row_pitch, last.outputs, label, z);
      for (int k = 0; k < last.outputs; ++k)
        slope = __fma_rn(z[k * row_pitch], delta[k * row_pitch], slope);
    } else {
      loss = row_loss(output, z, row_pitch, last.outputs, label, delta);
    }
  }
  if constexpr (What == Pass::logits) return;
  sum_over_chunk(view, rows, sums, loss, slope, hits);
  if constexpr (What != Pass::gradient) return;

  if (!there)
    for (int i = 0; i < layers.units; ++i) others[i * row_pitch + thread] = 0;
  if (there)
    for (unsigned l = layers.count - 1; l > 0; --l) {
      const LayerShape& layer = layers.layers[l];
      const double* const delta = others + layer.first_unit * row_pitch + thread;
      const double* const a = values + layers.layers[l - 1].first_unit * row_pitch + thread;
      const double* const z = arguments + layers.layers[l - 1].first_unit * row_pitch + thread;
      double* const below = others + layers.layers[l - 1].first_unit * row_pitch + thread;
      const double* const W = parameters + (layer.offset - layers.first_upper()) + 1;
      for (int j = 0; j < layer.inputs; ++j) {
        double sum = 0;
        for (int k = 0; k < layer.outputs; ++k)
          sum = __fma_rn(delta[k * row_pitch], W[k * layer.row_length() + j], sum);
        below[j * row_pitch] =
            times_derivative(activation, z[j * row_pitch], a[j * row_pitch], sum);
      }
    }
  __syncthreads();
  for (int i = thread; i < rows.count * width; i += static_cast<int>(sum_rows))
    gradient.delta[rows.first * width + i] = others[i % width * row_pitch + i / width];

  // Four lanes per parameter: each sums every fourth row, then they are added in one order.
  unsigned l = 1;
  constexpr int lanes = 4;
  for (long long base = 0; base < layers.upper_parameters();
       base += static_cast<long long>(sum_rows) / lanes) {
    const long long parameter = base + thread / lanes;
    const bool is_one = parameter < layers.upper_parameters();
    double sum = 0;
    long long row = 0, column = 0;
    if (is_one) {
      const long long element = layers.first_upper() + parameter;
      while (l + 1 < layers.count && element >= layers.layers[l + 1].offset) ++l;
      row = (element - layers.layers[l].offset) / layers.layers[l].row_length();
      column = (element - layers.layers[l].offset) % layers.layers[l].row_length();
      const double* const delta = others + (layers.layers[l].first_unit + row) * row_pitch;
      const double* const a = values + (layers.layers[l - 1].first_unit + column - 1) * row_pitch;
      for (int i = thread % lanes; i < rows.count; i += lanes)
        sum = column == 0 ? __dadd_rn(sum, delta[i]) : __fma_rn(delta[i], a[i], sum);
    }
    sum = __dadd_rn(sum, __shfl_xor_sync(0xffffffffU, sum, 1));
    sum = __dadd_rn(sum, __shfl_xor_sync(0xffffffffU, sum, 2));
    if (is_one && thread % lanes == 0) {
      const network::UnitSplit& split =
          gradient.splits[layers.layers[l].first_unit + static_cast<int>(row)];
      const exact_sum::Parts parts =
          exact_sum::parts_of(sum, column == 0 ? split.bias : split.weights);
      atomicAdd(gradient.highs + parameter, parts.high);
      atomicAdd(gradient.lows + parameter, parts.low);
    }
  }
}

}  // namespace annmpi::device::cuda
