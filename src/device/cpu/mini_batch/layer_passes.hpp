#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "annmpi/network/network.hpp"

#include "device/cpu/gemm/panels.hpp"
#include "device/cpu/mini_batch/packed_layer.hpp"

/// Forward and backward passes of mini-batches through layers above the first, for a block of rows.
/// `scratch` holds most_panels(network) elements.
namespace annmpi::device::cpu::mini_batch {

template <class Real>
using Scratch = std::vector<kernels::Stretch<Real>>;

/// Panels of the widest layer.
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

/// g [inputs, width] = g + a^T delta over these rows, for the weights of a block of parameters.
template <class Real>
void add_gradient(const typename PackedLayer<Real>::Block& block, const Panels<Real>& a,
                  const Panels<Real>& delta, std::size_t first, std::size_t rows, Real* g);

/// g [width] = g + sum_i delta_i over these rows, for one panel of units.
template <class Real>
void add_bias_gradient(std::size_t panel, const Panels<Real>& delta, std::size_t first,
                       std::size_t rows, Real* g);

}  // namespace annmpi::device::cpu::mini_batch
