#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>

#include "annmpi/data/host_block.hpp"

namespace annmpi::device::cpu {

/// Calls work(X) with rows [first, first + rows) of the shard as a dense span of their stored type.
template <class Work>
void with_stored_rows(const data::HostBlock& shard, std::size_t first, std::size_t rows,
                      Work&& work) {
  const auto part = [&](auto features) {
    work(features.subspan(first * shard.columns(), rows * shard.columns()));
  };
  switch (shard.type()) {
    case io::ElementType::uint8:
      return part(shard.features<std::uint8_t>());
    case io::ElementType::float32:
      return part(shard.features<float>());
    case io::ElementType::float64:
      return part(shard.features<double>());
    default:
      throw std::logic_error("features of a type that no data file may have");
  }
}

}  // namespace annmpi::device::cpu
