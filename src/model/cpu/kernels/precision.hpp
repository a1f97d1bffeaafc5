#pragma once

namespace annmpi::model::cpu::kernels {

/// In what the products over a chunk of rows are computed. All results are doubles.
enum class Precision {
  float64,
  mixed,  ///< products and sums within a row (forward) or a chunk (backward) in float
};

}  // namespace annmpi::model::cpu::kernels
