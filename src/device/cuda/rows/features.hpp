#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <type_traits>

#include <cuda_runtime.h>

#include "device/cuda/runtime/launch.hpp"

namespace annmpi::io {
enum class ElementType;
}

/// Features in device memory, of the file's element type; kernels convert them in registers. Rows
/// are `stride` elements apart, a multiple of 16 bytes, and zero-padded.
namespace annmpi::device::cuda {

/// Element types of features.
enum class Stored { bytes, floats, doubles };

[[nodiscard]] Stored stored_as(io::ElementType type);

/// Calls work(std::type_identity<Element>()) with the C++ type of an element.
template <class Work>
void with_elements(Stored type, Work&& work) {
  if (type == Stored::bytes)
    work(std::type_identity<std::uint8_t>());
  else if (type == Stored::floats)
    work(std::type_identity<float>());
  else
    work(std::type_identity<double>());
}

/// Whole chunks of a shard, or the remainder of its last chunk.
struct Features {
  Stored type;
  const void* data;
  long long rows;
  int columns;
  int stride;
  long long chunk_rows;

  [[nodiscard]] std::size_t row_bytes() const {
    const std::size_t element = type == Stored::bytes ? 1 : type == Stored::floats ? 4 : 8;
    return element * static_cast<std::size_t>(stride);
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
  constexpr Stored type = sizeof(Element) == 1   ? Stored::bytes
                          : sizeof(Element) == 4 ? Stored::floats
                                                 : Stored::doubles;
  if (X.type != type) throw std::logic_error("features of another type than the kernel's");
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
