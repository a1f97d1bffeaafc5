#pragma once

#include "device/cuda/layers/layer_table.hpp"
#include "device/cuda/rows/row_view.hpp"

namespace annmpi::device::cuda {

/// Exact sums, each in two parts (base/exact_sum.hpp), to be rounded once; sums of weights are
/// multiplied by a scale.
struct RoundedParts {
  double* highs;
  double* lows;
  double scale;
  int row_length;  ///< of [b | W]; 1 to scale nothing
};

/// Computes a gradient from its sums, whose first layer's part is passed separately:
/// gradient = scale G + penalty W, without penalty for biases; G the rounded sums, W the weights at
/// a point.
struct Finish {
  RoundedParts upper;
  const LayerTable& layers;
  DevicePoint point;
  double scale;
  double penalty;
  double* gradient;
};

}  // namespace annmpi::device::cuda
