#pragma once

#include "device/cuda/gemm/precision_traits.hpp"
#include "device/cuda/mini_batch/layer_offsets.hpp"
#include "device/cuda/mini_batch/step_numbers.hpp"
#include "device/cuda/layers/activation_kinds.hpp"

/// Where the elements of products go, and what they become on the way.
namespace annmpi::device::cuda::mini_batch {

/// a = act(scale c + b), and behind the last unit a 1, with which the gradient of biases is that of
/// the weights of one more input.
template <class Numbers>
struct ToValues {
  Unit unit;
  typename Numbers::Real scale;
  const typename Numbers::Real* biases;
  Planes<typename Numbers::Stored> values;
  int units;
};

/// z = scale c + b of the last layer, [rows, classes].
template <class Numbers>
struct ToLogits {
  typename Numbers::Real scale;
  const typename Numbers::Real* biases;
  typename Numbers::Real* z;
  int classes;
};

/// delta = act' c of the layer below, from what the layer above gives back of its own.
template <class Numbers>
struct ToDeltas {
  Unit unit;
  Factor<Numbers> values;
  Planes<typename Numbers::Stored> deltas;
};

/// All parameters and what belongs to each, at the same index.
template <class Numbers>
struct Parameters {
  typename Numbers::Real* values;
  typename Numbers::Real* first;  ///< states; null where the method has none
  typename Numbers::Real* second;
  typename Numbers::Stored* parts;  ///< as products read them: planes `count` apart
  long long count;
};

/// The gradient of a layer, W [units, inputs] and as one more input b, and the update with it.
template <class Numbers>
struct ToParameters {
  const StepNumbers<typename Numbers::Real>* step;
  Parameters<Numbers> parameters;
  LayerPlace layer;
  typename Numbers::Real scale;  ///< of the inputs
  unsigned long long* largest;   ///< bits of max |g| in doubles, which are in the numbers' order
};

/// The same where the update must wait for the norm of the whole gradient.
template <class Numbers>
struct ToGradient {
  ToParameters<Numbers> update;
  typename Numbers::Real* gradients;  ///< one for each parameter
  double* squares;                    ///< a sum for each block of threads
};

}  // namespace annmpi::device::cuda::mini_batch
