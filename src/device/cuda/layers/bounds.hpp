#pragma once

#include <cstdint>

#include "annmpi/network/unit_split.hpp"
#include "annmpi/rules/activation.hpp"

#include "device/cuda/int8/byte_layout.cuh"
#include "device/cuda/layers/layer_table.hpp"
#include "device/cuda/rows/row_view.hpp"

namespace annmpi::device::cuda {

/// How sums over rows are split into partial sums.
struct PartialSums {
  double rows;          ///< most rows of a partial sum
  std::uint64_t count;  ///< partial sums on all ranks
};

/// What the bounds of partial sums depend on, beside the parameters.
struct BoundFacts {
  double largest_feature;  ///< as stored
  double feature_scale;
  double largest_delta;  ///< of the last layer
  double for_floats;     ///< 1, or more to cover rounding errors of sums in floats
  PartialSums first;     ///< of the first layer
  PartialSums upper;     ///< of the layers above
};

/// What is initialized before the deltas of the first layer are split into byte slices; `scales` is
/// null where they are not.
struct SliceStart {
  byte_slices::Scale* scales = nullptr;  ///< [units]: factors of the deltas
  BiasSums sums{};                       ///< set to zero
};

/// The splits of all units of the network from bounds at a point: network::GradientSplits on the
/// GPU, with its order of operations.
void bound_units(const LayerTable& layers, rules::Activation activation, const DevicePoint& point,
                 const BoundFacts& facts, network::UnitSplit* splits, const SliceStart& slices,
                 cudaStream_t stream);

}  // namespace annmpi::device::cuda
