#pragma once

#include <type_traits>

#include "annmpi/network/unit_split.hpp"

#include "device/cuda/rows/features.hpp"

/// Launches the passes of a layer of few units. Features are read once, converted in registers and
/// multiplied in doubles by the tensor cores, also in mixed precision: with few units memory is the
/// bottleneck, and floats would gain nothing.
namespace annmpi::device::cuda {

/// Z = scale X W^T + b for two sets of rows, from a layer's rows of [b | W]. Up to `few_rows` rows
/// use small blocks, so that all multiprocessors have work; the bits are the same.
template <class Element>
void start_narrow_forward(const ForwardSet<Element>& set, const ForwardSet<Element>& other,
                          const double* parameters, double scale, int units, long long few_rows,
                          cudaStream_t stream);

/// Arguments of a backward pass.
struct NarrowGradient {
  long long chunk_rows;
  long long partial_rows;  ///< rows of a partial sum; it does not cross chunks
  const double* delta;     ///< [rows, units]
  int units;
  const network::UnitSplit* splits;
  double* highs;  ///< in rows of [b | W]
  double* lows;
};

/// Adds [sum_i delta_i | delta^T X].
template <class Element>
void start_narrow_backward(const FeatureMatrix<Element>& X, const NarrowGradient& gradient,
                           long long few_rows, cudaStream_t stream);

/// Calls work(std::integral_constant<int, Groups>()) with the groups of 8 units, 1, 4 or 8, that a
/// kernel has accumulators for.
template <class Work>
void with_groups(int units, Work&& work) {
  if (units <= group_units)
    work(std::integral_constant<int, 1>());
  else if (units <= 4 * group_units)
    work(std::integral_constant<int, 4>());
  else
    work(std::integral_constant<int, 8>());
}

}  // namespace annmpi::device::cuda
