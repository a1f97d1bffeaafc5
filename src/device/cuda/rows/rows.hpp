#pragma once

#include <cstddef>
#include <cstdint>

#include <cuda_runtime.h>

#include "annmpi/data/row_permutation.hpp"

#include "device/cuda/gemm/precision_traits.hpp"
#include "device/cuda/layers/first_layer.hpp"
#include "device/cuda/mini_batch/step_numbers.hpp"

/// Rows of a data set on their way into a batch.
namespace annmpi::device::cuda::mini_batch {

/// Rows in the GPU's memory, features as they are stored, each row from a multiple of 8 bytes on.
struct StoredRows {
  Stored type;
  const std::byte* features;
  long long stride;  ///< bytes from one row to the next
  const int* labels;
  long long label_stride;  ///< in labels
};

/// Those of a block of features, with the labels of its rows.
[[nodiscard]] inline StoredRows stored_rows(const Features& block, const int* labels) {
  return {block.type, static_cast<const std::byte*>(block.data),
          static_cast<long long>(block.row_bytes()), labels, 1};
}

/// Which of them: positions [first, first + count) of an order, or of the rows as they lie.
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

/// Rows of a batch, or some that are measured.
struct ChosenRows {
  StoredRows rows;
  RowChoice choice;
};
[[nodiscard]] inline ChosenRows as_they_lie(const StoredRows& rows, long long first, int count) {
  return {rows, {data::RowPermutation(1, 0, 0), false, first, count}};
}

/// What the first layer reads. Bytes are taken as they are, and scaled once they are multiplied;
/// other features are scaled here.
template <class Traits>
struct Inputs {
  Planes<typename Traits::Stored> X;  ///< [rows, columns], and behind the last column a 1
  int* labels;
  int columns;
  double scale;
};

/// The planes of features that are stored so.
template <class Traits>
[[nodiscard]] constexpr int planes_of_features(Stored type) {
  return type == Stored::bytes ? 1 : Traits::planes;
}

/// What a step begins with, beside its rows.
template <class Traits>
struct StepStart {
  StepNumbers<typename Traits::Real> numbers;
  StepNumbers<typename Traits::Real>* to;  ///< null where there is no step
  unsigned long long* largest;             ///< becomes 0
};

template <class Traits>
void take_rows(const ChosenRows& from, const Inputs<Traits>& to, const StepStart<Traits>& start,
               cudaStream_t stream);

/// Bytes of a record, a row with its label behind it, for rows of so many bytes.
[[nodiscard]] constexpr long long record_bytes(long long stride) {
  return stride + 8;
}
/// Records as rows.
[[nodiscard]] inline StoredRows rows_in(const std::byte* records, Stored type, long long stride) {
  return {type, records, record_bytes(stride), reinterpret_cast<const int*>(records + stride),
          record_bytes(stride) / 4};
}

/// Records of the chosen rows, of those among them that this rank has: row begin + i lies at row i
/// of `own`, which has `count` rows. Zeros stand in the others' places, so that adding up over the
/// ranks, as integers, brings all together.
void fill_records(const StoredRows& own, long long begin, long long count, const RowChoice& choice,
                  std::byte* records, cudaStream_t stream);

}  // namespace annmpi::device::cuda::mini_batch
