#pragma once

#include "annmpi/io/hdf5.hpp"
#include "annmpi/model/network.hpp"

#include "cuda/first_layer.hpp"
#include "cuda/unit_kinds.hpp"

/// What kernels call the kinds of things that the program names.
namespace annmpi::cuda {

[[nodiscard]] Stored stored_as(io::ElementType type);
[[nodiscard]] Unit unit_of(model::Activation activation);
[[nodiscard]] Output output_of(model::OutputUnit output);

}  // namespace annmpi::cuda
