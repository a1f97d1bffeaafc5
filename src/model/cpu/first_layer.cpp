#include "model/cpu/first_layer.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "model/cpu/affine.hpp"

namespace annmpi::model::cpu {

void FirstLayer::convert(const data::Shard& shard, std::size_t first, std::size_t rows) {
  const auto copy = [&](const auto* stored) {
    std::copy_n(stored + first * layer_.inputs, rows * layer_.inputs, tile_.data());
  };
  switch (shard.type()) {
    case io::ElementType::uint8:
      return copy(shard.features<std::uint8_t>().data());
    case io::ElementType::float32:
      return copy(shard.features<float>().data());
    case io::ElementType::float64:
      return copy(shard.features<double>().data());
    default:
      throw std::logic_error("features of a type that no data file may have");
  }
}

void FirstLayer::forward(const data::Shard& shard, std::size_t first, std::size_t rows,
                         std::span<const double> parameters, std::span<double> out) {
  convert(shard, first, rows);
  set_bias(layer_, parameters, rows, out);
  add_product(layer_, shard.feature_scale(), tile_, parameters, rows, out);
}

void FirstLayer::backward(const data::Shard& shard, std::size_t first, std::size_t rows,
                          std::span<const double> delta, std::span<double> gradient) {
  convert(shard, first, rows);
  add_gradient(layer_, shard.feature_scale(), tile_, delta, rows, gradient);
}

}  // namespace annmpi::model::cpu
