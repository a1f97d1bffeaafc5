#pragma once

#include "device/cuda/gemm/precision_traits.hpp"
#include "device/cuda/layers/activation_kinds.hpp"
#include "device/cuda/mini_batch/layer_offsets.hpp"
#include "device/cuda/mini_batch/step_numbers.hpp"

/// Where the elements of products go, and what they become on the way.
namespace annmpi::device::cuda::mini_batch {

/// a = act(scale c + b), and behind the last unit a 1, with which the gradient of biases is that of
/// the weights of one more input.
template <class Traits>
struct ToValues {
  Activation unit;
  typename Traits::Real scale;
  const typename Traits::Real* biases;
  Planes<typename Traits::Stored> values;
  int units;
};

/// z = scale c + b of the last layer, [rows, classes].
template <class Traits>
struct ToLogits {
  typename Traits::Real scale;
  const typename Traits::Real* biases;
  typename Traits::Real* z;
  int classes;
};

/// delta = act' c of the layer below, from what the layer above gives back of its own.
template <class Traits>
struct ToDeltas {
  Activation unit;
  Factor<Traits> values;
  Planes<typename Traits::Stored> deltas;
};

/// All parameters and what belongs to each, at the same index.
template <class Traits>
struct Parameters {
  typename Traits::Real* values;
  typename Traits::Real* first;  ///< states; null where the method has none
  typename Traits::Real* second;
  typename Traits::Stored* parts;  ///< as products read them: planes `count` apart
  long long count;
};

/// The gradient of a layer, W [units, inputs] and as one more input b, and the update with it.
template <class Traits>
struct ToParameters {
  const StepNumbers<typename Traits::Real>* step;
  Parameters<Traits> parameters;
  LayerPlace layer;
  typename Traits::Real scale;  ///< of the inputs
  unsigned long long* largest;  ///< bits of max |g| in doubles, which are in the numbers' order
};

/// The same where the update must wait for the norm of the whole gradient.
template <class Traits>
struct ToGradient {
  ToParameters<Traits> update;
  typename Traits::Real* gradients;  ///< one for each parameter
  double* squares;                   ///< a sum for each block of threads
};

}  // namespace annmpi::device::cuda::mini_batch
