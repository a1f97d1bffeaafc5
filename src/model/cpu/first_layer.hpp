#pragma once

#include <span>
#include <vector>

#include "annmpi/data/shard.hpp"
#include "annmpi/model/network.hpp"

namespace annmpi::model::cpu {

/// The two products that read the features, a chunk at a time: a tile of doubles is converted
/// from the features as stored, and BLAS does the rest. The feature scale is folded into the
/// product.
class FirstLayer {
 public:
  FirstLayer(const Layer& layer, std::size_t chunk_rows)
      : layer_(layer), tile_(chunk_rows * layer.inputs) {}

  /// out [rows, n_1] = X W^T + b for rows [first, first + rows) of the shard, with the layer's
  /// [b | W] at the front of `parameters`.
  void forward(const data::Shard& shard, std::size_t first, std::size_t rows,
               std::span<const double> parameters, std::span<double> out);

  /// gradient = gradient + [sum_i delta_i | delta^T X] for the same rows, delta [rows, n_1].
  void backward(const data::Shard& shard, std::size_t first, std::size_t rows,
                std::span<const double> delta, std::span<double> gradient);

 private:
  void convert(const data::Shard& shard, std::size_t first, std::size_t rows);

  Layer layer_;
  std::vector<double> tile_;
};

}  // namespace annmpi::model::cpu
