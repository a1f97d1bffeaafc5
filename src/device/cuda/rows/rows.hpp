#pragma once

#include <cstddef>
#include <cstdint>

#include <cuda_runtime.h>

#include "annmpi/data/row_permutation.hpp"

#include "device/cuda/gemm/precision_traits.hpp"
#include "device/cuda/layers/first_layer.hpp"
#include "device/cuda/mini_batch/step_numbers.hpp"

/// Assembly of batches from the rows of a data set.
namespace annmpi::device::cuda::mini_batch {

/// Rows in device memory, with features of the file's element type; each row is aligned to 8 bytes.
struct StoredRows {
  io::ElementType type;
  const std::byte* features;
  long long stride;  ///< bytes from one row to the next
  const int* labels;
  long long label_stride;  ///< in labels
};

/// Views a block of features and the labels of its rows.
[[nodiscard]] inline StoredRows stored_rows(const Features& block, const int* labels) {
  return {block.type, static_cast<const std::byte*>(block.data),
          static_cast<long long>(block.row_bytes()), labels, 1};
}

/// Selects positions [first, first + count) of an order, or of the rows as stored.
struct RowChoice {
  data::RowPermutation order;
  bool permuted;
  long long first;
  int count;

  [[nodiscard]] __device__ long long row(int i) const {
    return permuted ? static_cast<long long>(order.row_at(static_cast<std::uint64_t>(first + i)))
                    : first + i;
  }
};

/// Rows of a batch or of a measuring pass.
struct ChosenRows {
  StoredRows rows;
  RowChoice choice;
};
[[nodiscard]] inline ChosenRows as_they_lie(const StoredRows& rows, long long first, int count) {
  return {rows, {data::RowPermutation(1, 0, 0), false, first, count}};
}

/// Input of the first layer. Byte features stay unscaled, and their products are scaled; other
/// features are scaled here.
template <class Traits>
struct Inputs {
  Planes<typename Traits::Stored> X;  ///< [rows, columns], then a column of ones
  int* labels;
  int columns;
  double scale;
};

/// The number of planes of features of this type.
template <class Traits>
[[nodiscard]] constexpr int planes_of_features(io::ElementType type) {
  return fits_bfloat16(type) ? 1 : Traits::planes;
}

/// Initialization of a step by the kernel that reads its rows.
template <class Traits>
struct StepStart {
  StepNumbers<typename Traits::Real> numbers;
  StepNumbers<typename Traits::Real>* to;  ///< null if there is no step
  unsigned long long* largest;             ///< reset to 0
};

template <class Traits>
void take_rows(const ChosenRows& from, const Inputs<Traits>& to, const StepStart<Traits>& start,
               cudaStream_t stream);

/// Bytes of a record: a row of so many bytes, then its label.
[[nodiscard]] constexpr long long record_bytes(long long stride) {
  return stride + 8;
}
/// Views records as rows.
[[nodiscard]] inline StoredRows rows_in(const std::byte* records, io::ElementType type,
                                        long long stride) {
  return {type, records, record_bytes(stride), reinterpret_cast<const int*>(records + stride),
          record_bytes(stride) / 4};
}

/// Writes the records of the chosen rows that this rank has; row begin + i is row i of `own`, which
/// has `count` rows. The other records are zero, so that the integer sum over the ranks is an
/// allgather.
void fill_records(const StoredRows& own, long long begin, long long count, const RowChoice& choice,
                  std::byte* records, cudaStream_t stream);

}  // namespace annmpi::device::cuda::mini_batch
