#pragma once

#include <cstddef>
#include <stdexcept>

#include <cuda_runtime.h>

#include "annmpi/io/element_type.hpp"

#include "device/cuda/runtime/launch.hpp"

/// Features in device memory, of the file's element type; kernels convert them in registers. Rows
/// are `stride` elements apart, a multiple of 16 bytes, and zero-padded.
namespace annmpi::device::cuda {

/// Whether every feature of this type is a bfloat16: bytes, which are then used unscaled.
[[nodiscard]] constexpr bool fits_bfloat16(io::ElementType type) {
  return type == io::ElementType::uint8;
}

/// Whole chunks of a shard, or the remainder of its last chunk.
struct Features {
  io::ElementType type;
  const void* data;
  long long rows;
  int columns;
  int stride;
  long long chunk_rows;

  [[nodiscard]] std::size_t row_bytes() const {
    return io::bytes_of(type) * static_cast<std::size_t>(stride);
  }
};

/// The operand X of a kernel, [rows, columns].
template <class Element>
struct FeatureMatrix {
  const Element* data;
  long long rows;
  int columns;
  int stride;
};
/// @throws std::logic_error if the elements have another type
template <class Element>
[[nodiscard]] FeatureMatrix<Element> matrix_of(const Features& X) {
  if (X.type != io::element_type_of<Element>)
    throw std::logic_error("features of another type than the kernel's");
  return {static_cast<const Element*>(X.data), X.rows, X.columns, X.stride};
}

/// Input and output of a forward pass over one set of rows.
template <class Element>
struct ForwardSet {
  FeatureMatrix<Element> X;
  double* Z;  ///< [rows, units]
};

/// Launches a forward kernel over two sets: the first `set_blocks` row blocks of the grid are the
/// first set's, the others the second's. `side` blocks share the rows of a row block.
template <class Shape, class Element, class... Parameters, class... Arguments>
void launch_forward(void (*kernel)(Parameters...), const ForwardSet<Element>& set,
                    const ForwardSet<Element>& other, long long side, cudaStream_t stream,
                    Arguments... arguments) {
  const long long set_blocks = ceil_div<long long>(set.X.rows, Shape::rows);
  const long long other_blocks = ceil_div<long long>(other.X.rows, Shape::rows);
  launch(kernel, {static_cast<unsigned>((set_blocks + other_blocks) * side)}, Shape::threads,
         Shape::shared_bytes, stream, set, other, set_blocks, arguments...);
}

/// Units that a tensor-core instruction computes: the n of its tile.
inline constexpr int group_units = 8;
__host__ __device__ constexpr int unit_groups(int units) {
  return ceil_div(units, group_units);
}

/// Elements that a lane loads from shared memory with one instruction.
template <class Element, int count>
struct alignas(sizeof(Element) * count) Pack {
  Element x[count];
};
template <class Element, int count>
__device__ Pack<Element, count> load_pack(const void* shared) {
  return *static_cast<const Pack<Element, count>*>(shared);
}

}  // namespace annmpi::device::cuda
