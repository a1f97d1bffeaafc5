#pragma once

#include "device/cpu/narrow/narrow_forward.hpp"

namespace annmpi::device::cpu::kernels {

/// narrow_forward in mixed precision: compiled apart.
void narrow_forward_mixed(std::span<const std::uint8_t> X, std::size_t rows,
                          const PackedWeights& weights, std::span<double> Z);
void narrow_forward_mixed(std::span<const float> X, std::size_t rows, const PackedWeights& weights,
                          std::span<double> Z);
void narrow_forward_mixed(std::span<const double> X, std::size_t rows, const PackedWeights& weights,
                          std::span<double> Z);

}  // namespace annmpi::device::cpu::kernels
