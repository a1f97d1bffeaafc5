#pragma once

#include <cstddef>
#include <span>

#include "annmpi/data/host_block.hpp"

namespace annmpi::device::cpu {

/// Calls work(X) with rows [first, first + rows) of the shard as a dense span of their stored type.
template <class Work>
void with_stored_rows(const data::HostBlock& shard, std::size_t first, std::size_t rows,
                      Work&& work) {
  io::with_feature_type(shard.type(), [&]<class T>(std::type_identity<T>) {
    work(shard.features<T>().subspan(first * shard.columns(), rows * shard.columns()));
  });
}

}  // namespace annmpi::device::cpu
