#pragma once

#include <type_traits>

#include "annmpi/network/unit_split.hpp"

#include "device/cuda/rows/stored_rows.cuh"

/// The passes over features of a layer of few units, each read once and converted in registers.
/// They are multiplied in doubles by the tensor cores in any precision: where units are few, memory
/// limits, and nothing is gained by floats.
namespace annmpi::device::cuda {

/// Z = scale X W^T + b for two sets of rows at once, from a layer's rows of [b | W]. Bits are the
/// same whatever the number of rows; with at most `few_rows` of them blocks are small, so that all
/// multiprocessors have work.
template <class Element>
void start_narrow_forward(const StoredSet<Element>& set, const StoredSet<Element>& other,
                          const double* parameters, double scale, int units, long long few_rows,
                          cudaStream_t stream);

/// What the sums over rows of a gradient are made of, and where they go.
struct NarrowGradient {
  long long chunk_rows;
  long long partial_rows;  ///< of a chunk, that are a partial sum
  const double* delta;     ///< [rows, units]
  int units;
  const network::UnitSplit* splits;
  double* highs;  ///< in rows of [b | W]
  double* lows;
};

/// Adds [sum_i delta_i | delta^T X].
template <class Element>
void start_narrow_backward(const StoredRows<Element>& X, const NarrowGradient& gradient,
                           long long few_rows, cudaStream_t stream);

/// Calls work(std::integral_constant<int, Groups>()): units have their sums in the registers of
/// groups of 8, of which there are kernels for 1, 4 and 8.
template <class Work>
void with_groups(int units, Work&& work) {
  if (units <= group_of_units)
    work(std::integral_constant<int, 1>());
  else if (units <= 4 * group_of_units)
    work(std::integral_constant<int, 4>());
  else
    work(std::integral_constant<int, 8>());
}

}  // namespace annmpi::device::cuda
