#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "annmpi/base/superaccumulator.hpp"
#include "annmpi/network/network.hpp"

#include "device/cpu/layers/layer_sums.hpp"
#include "device/cpu/layers/upper_layers.hpp"
#include "device/cpu/layers/upper_parameters.hpp"

namespace annmpi::device::cpu {

/// Per-thread data for the upper layers: scratch memory for a chunk, and sums over the thread's
/// chunks.
template <class Real>
struct Workspace {
  Workspace(const network::Network& network, const UpperParameters<Real>& parameters,
            std::size_t chunk_rows, bool exact)
      : rows(chunk_rows), upper_layers(network, parameters, chunk_rows) {
    for (std::size_t l = 1; l < network.layers.size(); ++l)
      gradient.emplace_back(network.layers[l], exact);
  }

  std::size_t rows;
  UpperLayers<Real> upper_layers;
  std::vector<LayerSums<Real>> gradient;  ///< of layers 2..L
  Superaccumulator loss;
  Superaccumulator slope;
  std::int64_t hits = 0;
};

}  // namespace annmpi::device::cpu
