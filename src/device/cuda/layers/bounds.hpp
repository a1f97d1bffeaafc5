#pragma once

#include <cstdint>

#include "annmpi/network/unit_split.hpp"

#include "device/cuda/int8/byte_layout.cuh"
#include "device/cuda/layers/activation_kinds.hpp"
#include "device/cuda/layers/layer_shapes.cuh"
#include "device/cuda/rows/row_view.hpp"

namespace annmpi::device::cuda {

/// How sums over rows are cut into partial ones.
struct PartialSums {
  double rows;          ///< of one partial sum, at most
  std::uint64_t count;  ///< of them, on all ranks
};

/// What the bounds of partial sums are made of, beside the parameters.
struct BoundFacts {
  double largest_feature;  ///< as stored
  double feature_scale;
  double for_floats;  ///< 1, or room for the roundings of sums in floats
  PartialSums first;  ///< of the first layer
  PartialSums upper;  ///< of all others
};

/// What is set before the deltas of the first layer are cut into slices; nothing where they are
/// not, and `scales` null.
struct SliceStart {
  byte_slices::Scale* scales = nullptr;  ///< [units]: what the deltas are multiplied with
  BiasSums sums{};                       ///< to be zeros
};

/// The splits of all units of the network, with bounds that hold at a point:
/// network::GradientSplits on the GPU, with its order of operations.
void bound_units(const LayerTable& layers, Activation unit, const DevicePoint& point,
                 const BoundFacts& facts, network::UnitSplit* splits, const SliceStart& slices,
                 cudaStream_t stream);

}  // namespace annmpi::device::cuda
