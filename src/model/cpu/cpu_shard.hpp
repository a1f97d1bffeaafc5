#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "annmpi/data/shard.hpp"
#include "annmpi/model/device.hpp"

namespace annmpi::model::cpu {

/// A shard in host memory with its carried values.
class CpuShard : public DeviceShard {
 public:
  CpuShard(const Network& network, data::Shard shard, const SetFacts& facts)
      : shard_(std::move(shard)),
        facts_(facts),
        width_(network.layers.front().outputs),
        carried_(shard_.rows() * width_),
        change_(shard_.rows() * width_) {}

  [[nodiscard]] std::uint64_t rows() const override { return shard_.rows(); }
  [[nodiscard]] std::uint64_t bytes() const override {
    return shard_.size_in_bytes() + shard_.labels().size_bytes() +
           (carried_.size() + change_.size()) * sizeof(double);
  }

  /// A run of rows within the shard, and its parts of Z, D and the labels.
  struct Chunk {
    std::size_t first;
    std::size_t rows;
    std::span<double> Z;  ///< [rows, n_1]
    std::span<double> D;  ///< [rows, n_1]
    std::span<const std::int32_t> labels;
  };

  [[nodiscard]] std::size_t chunks() const {
    return static_cast<std::size_t>((shard_.rows() + facts_.chunk_rows - 1) / facts_.chunk_rows);
  }

  [[nodiscard]] Chunk chunk(std::size_t index) {
    const auto first = static_cast<std::size_t>(index * facts_.chunk_rows);
    const auto rows =
        static_cast<std::size_t>(std::min<std::uint64_t>(facts_.chunk_rows, shard_.rows() - first));
    return {first, rows, std::span(carried_).subspan(first * width_, rows * width_),
            std::span(change_).subspan(first * width_, rows * width_),
            std::as_const(shard_).labels().subspan(first, rows)};
  }

  /// Rows of the largest chunk here.
  [[nodiscard]] std::size_t most_rows() const {
    return static_cast<std::size_t>(std::min<std::uint64_t>(facts_.chunk_rows, shard_.rows()));
  }

  [[nodiscard]] const data::Shard& data() const { return shard_; }
  [[nodiscard]] const SetFacts& facts() const { return facts_; }

 private:
  data::Shard shard_;
  SetFacts facts_;
  std::size_t width_;
  std::vector<double> carried_;  ///< Z [rows, n_1]
  std::vector<double> change_;   ///< D [rows, n_1]
};

}  // namespace annmpi::model::cpu
