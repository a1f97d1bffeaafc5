#pragma once

#include <cstddef>
#include <vector>

#include "annmpi/network/network.hpp"

#include "device/cuda/gemm/precision_traits.hpp"
#include "device/cuda/mini_batch/layer_offsets.hpp"

namespace annmpi::device::cuda::mini_batch {

/// Layout of the parameters of all layers.
struct ParameterLayout {
  explicit ParameterLayout(const network::Network& network);

  std::vector<LayerPlace> layers;
  long long count = 0;  ///< of elements, padding included
};

/// Layout of the operands of some rows: the features, the values of the hidden layers and the
/// deltas of all layers, one matrix after the other.
class RowLayout {
 public:
  RowLayout(const ParameterLayout& parameters, int input_planes, int planes);

  /// Elements per row: of the inputs of all layers, and with the deltas.
  [[nodiscard]] long long values_of_row() const;
  [[nodiscard]] long long size_of_row() const;
  /// Elements per row that ranks exchange: all but the features.
  [[nodiscard]] long long exchanged_of_row() const { return size_of_row() - inputs_of_row(); }
  [[nodiscard]] long long inputs_of_row() const {
    return static_cast<long long>(input_planes_) * value_pitches_[0];
  }
  /// Rows that one measuring pass takes: a multiple of `unit`.
  [[nodiscard]] int measure_rows(std::size_t stored_bytes, int unit) const;

  /// The inputs of layer l, and its deltas, for this number of rows.
  template <class Stored>
  [[nodiscard]] Planes<Stored> values(Stored* memory, std::size_t l, int rows) const {
    long long offset = 0;
    for (std::size_t below = 0; below < l; ++below)
      offset += static_cast<long long>(planes_of(below)) * value_pitches_[below];
    const long long plane = static_cast<long long>(rows) * value_pitches_[l];
    return {memory + offset * rows, plane, value_pitches_[l]};
  }
  template <class Stored>
  [[nodiscard]] Planes<Stored> deltas(Stored* memory, std::size_t l, int rows) const {
    long long offset = values_of_row();
    for (std::size_t below = 0; below < l; ++below)
      offset += static_cast<long long>(planes_) * delta_pitches_[below];
    const long long plane = static_cast<long long>(rows) * delta_pitches_[l];
    return {memory + offset * rows, plane, delta_pitches_[l]};
  }

  /// Planes of the inputs of layer l.
  [[nodiscard]] int planes_of(std::size_t l) const { return l == 0 ? input_planes_ : planes_; }

 private:
  int input_planes_;
  int planes_;
  std::vector<int> value_pitches_;
  std::vector<int> delta_pitches_;
};

}  // namespace annmpi::device::cuda::mini_batch
