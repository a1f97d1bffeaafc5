#pragma once

#include <cstddef>
#include <vector>

#include "annmpi/network/network.hpp"

#include "device/cuda/gemm/precision_traits.hpp"
#include "device/cuda/mini_batch/layer_offsets.hpp"

namespace annmpi::device::cuda::mini_batch {

/// Where the parameters of all layers lie.
struct ParameterLayout {
  explicit ParameterLayout(const network::Network& network);

  std::vector<LayerPlace> layers;
  long long count = 0;  ///< of elements, those that fill up rows included
};

/// Where the numbers of some rows lie, as products read them: the features, the values of the
/// hidden layers and the deltas of all layers, one matrix after the other.
class RowLayout {
 public:
  RowLayout(const ParameterLayout& parameters, int parts_of_inputs, int parts);

  /// Elements for each row of what the layers read, and with the deltas.
  [[nodiscard]] long long values_of_row() const;
  [[nodiscard]] long long size_of_row() const;
  /// What ranks give each other: all but the features.
  [[nodiscard]] long long exchanged_of_row() const { return size_of_row() - inputs_of_row(); }
  [[nodiscard]] long long inputs_of_row() const {
    return static_cast<long long>(parts_of_inputs_) * value_pitches_[0];
  }
  /// Rows that are measured together: a multiple of `together`.
  [[nodiscard]] int measure_rows(std::size_t stored_bytes, int together) const;

  /// What layer l reads, and its deltas, for so many rows in a memory that has room for them.
  template <class Stored>
  [[nodiscard]] Planes<Stored> values(Stored* memory, std::size_t l, int rows) const {
    long long offset = 0;
    for (std::size_t below = 0; below < l; ++below)
      offset += static_cast<long long>(parts_of(below)) * value_pitches_[below];
    const long long plane = static_cast<long long>(rows) * value_pitches_[l];
    return {memory + offset * rows, plane, value_pitches_[l]};
  }
  template <class Stored>
  [[nodiscard]] Planes<Stored> deltas(Stored* memory, std::size_t l, int rows) const {
    long long offset = values_of_row();
    for (std::size_t below = 0; below < l; ++below)
      offset += static_cast<long long>(parts_) * delta_pitches_[below];
    const long long plane = static_cast<long long>(rows) * delta_pitches_[l];
    return {memory + offset * rows, plane, delta_pitches_[l]};
  }

  /// Planes of what layer l reads.
  [[nodiscard]] int parts_of(std::size_t l) const { return l == 0 ? parts_of_inputs_ : parts_; }

 private:
  int parts_of_inputs_;
  int parts_;
  std::vector<int> value_pitches_;
  std::vector<int> delta_pitches_;
};

}  // namespace annmpi::device::cuda::mini_batch
