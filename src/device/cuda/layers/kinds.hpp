#pragma once

#include "annmpi/io/hdf5.hpp"
#include "annmpi/network/network.hpp"

#include "device/cuda/layers/activation_kinds.hpp"
#include "device/cuda/layers/first_layer.hpp"

/// What kernels call the kinds of things that the program names.
namespace annmpi::device::cuda {

[[nodiscard]] Stored stored_as(io::ElementType type);
[[nodiscard]] Activation activation_of(config::Activation activation);
[[nodiscard]] Output output_of(config::OutputUnit output);

}  // namespace annmpi::device::cuda
