#pragma once

#include <type_traits>

#include <cuda_runtime.h>

/// Features in the GPU's memory as they are stored, for kernels that convert them in registers.
namespace annmpi::device::cuda {

/// Row by row, each `stride` elements from the last, a multiple of 16 bytes, with zeros behind the
/// last column.
template <class Element>
struct StoredRows {
  const Element* data;
  long long rows;
  int columns;
  int stride;
};
template <class Element>
struct StoredSet {
  StoredRows<Element> X;
  double* Z;  ///< [rows, units]
};

/// Elements that a lane reads from shared memory at once.
template <class Element, int count>
struct alignas(sizeof(Element) * count) Neighbours {
  Element x[count];
};
template <class Element, int count>
__device__ Neighbours<Element, count> neighbours_at(const void* shared) {
  return *static_cast<const Neighbours<Element, count>*>(shared);
}

/// Units that the tensor cores take together.
inline constexpr int group_of_units = 8;

}  // namespace annmpi::device::cuda
