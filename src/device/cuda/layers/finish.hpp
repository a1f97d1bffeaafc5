#pragma once

#include "device/cuda/layers/layer_shapes.cuh"
#include "device/cuda/rows/row_view.hpp"

namespace annmpi::device::cuda {

/// Exact sums in two parts, to be rounded once; those of weights times a scale.
struct RoundedParts {
  double* highs;
  double* lows;
  double scale;
  int row_length;  ///< of [b | W]; 1 where nothing is scaled
};

/// What becomes of the sums of a gradient, beside where the first layer's are:
/// gradient = scale G + penalty W, biases scaled only; W the weights at a point.
struct Finish {
  RoundedParts upper;
  const LayerTable& layers;
  DevicePoint point;
  double scale;
  double penalty;
  double* gradient;
};

}  // namespace annmpi::device::cuda
