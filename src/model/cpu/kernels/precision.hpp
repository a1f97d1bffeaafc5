#pragma once

#include "annmpi/model/network.hpp"

namespace annmpi::model::cpu::kernels {

/// In what the products over a chunk of rows are computed. All results are doubles.
///   float64
///   mixed    products and sums within a row (forward) or a chunk (backward) in float
using model::Precision;

}  // namespace annmpi::model::cpu::kernels
