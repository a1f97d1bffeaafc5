#pragma once

#include "annmpi/rules/activation.hpp"

#include "device/cuda/gemm/precision_traits.hpp"
#include "device/cuda/mini_batch/layer_offsets.hpp"
#include "device/cuda/mini_batch/step_numbers.hpp"

/// Arguments of GEMM epilogues.
namespace annmpi::device::cuda::mini_batch {

/// a = act(scale c + b), followed by a column of ones: it makes the gradient of the biases that of
/// the weights of one more input.
template <class Traits>
struct ToValues {
  rules::Activation activation;
  typename Traits::Real scale;
  const typename Traits::Real* biases;
  Planes<typename Traits::Stored> values;
  int units;
  typename Traits::Real* arguments;  ///< [rows, units] to keep z = scale c + b, or null
};

/// z = scale c + b of the last layer, [rows, classes].
template <class Traits>
struct ToLogits {
  typename Traits::Real scale;
  const typename Traits::Real* biases;
  typename Traits::Real* z;
  int classes;
};

/// delta = act'(z) c of the layer below, with c = delta W of the layer above.
template <class Traits>
struct ToDeltas {
  rules::Activation activation;
  Operand<Traits> values;
  const typename Traits::Real* arguments;  ///< [rows, units], or null
  int units;
  Planes<typename Traits::Stored> deltas;
};

/// All parameters and their optimizer state, at the same index.
template <class Traits>
struct Parameters {
  typename Traits::Real* values;
  typename Traits::Real* first;  ///< states; null where the method has none
  typename Traits::Real* second;
  typename Traits::Stored* operands;  ///< the values, split: planes `count` apart
  long long count;
};

/// The gradient of a layer, W [units, inputs] with b as one more input, and the update.
template <class Traits>
struct ToParameters {
  const StepNumbers<typename Traits::Real>* step;
  Parameters<Traits> parameters;
  LayerPlace layer;
  typename Traits::Real scale;  ///< of the inputs
  unsigned long long* largest;  ///< max |g| as the bits of a double, which order as the numbers do
};

/// The gradient alone, where the update needs its norm first.
template <class Traits>
struct ToGradient {
  ToParameters<Traits> update;
  typename Traits::Real* gradients;  ///< one for each parameter
  double* squares;                   ///< a sum for each thread block
};

}  // namespace annmpi::device::cuda::mini_batch
