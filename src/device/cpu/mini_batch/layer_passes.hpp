#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "annmpi/network/network.hpp"

#include "device/cpu/mini_batch/packed_layer.hpp"
#include "device/cpu/gemm/panels.hpp"

/// The passes of mini-batches through layers above the first, for some rows of a layer's values.
/// `scratch` has room for the panels of the widest layer (most_panels).
namespace annmpi::device::cpu::mini_batch {

template <class Real>
using Scratch = std::vector<kernels::Stretch<Real>>;

[[nodiscard]] std::size_t most_panels(const network::Network& network);

/// z = a W^T + b for rows [first, first + rows) of one panel of units.
template <class Real>
void forward(const PackedLayer<Real>& layer, const Panels<Real>& a, std::size_t panel,
             std::size_t first, std::size_t rows, Scratch<Real>& scratch, const Panels<Real>& z);

/// below = delta W for these rows of one panel of inputs.
template <class Real>
void pull_back(const PackedLayer<Real>& layer, const Panels<Real>& delta, std::size_t input_panel,
               std::size_t first, std::size_t rows, Scratch<Real>& scratch,
               const Panels<Real>& below);

/// g [inputs, width] = g + a^T delta over these rows, for a block of parameters but its biases.
template <class Real>
void add_gradient(const typename PackedLayer<Real>::Block& block, const Panels<Real>& a,
                  const Panels<Real>& delta, std::size_t first, std::size_t rows, Real* g);

/// g [width] = g + the sum of delta's rows, one panel of units.
template <class Real>
void add_bias_gradient(std::size_t panel, const Panels<Real>& delta, std::size_t first,
                       std::size_t rows, Real* g);

}  // namespace annmpi::device::cpu::mini_batch
