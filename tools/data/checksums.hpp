#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "schema.hpp"

namespace annmpi::data_tool {

/// XXH3 of the features and of the labels of one block of rows, see schema::checksums.
using BlockChecksum = std::array<std::uint64_t, 2>;

/// Rows per block: about 1 MiB of features. Depends on the layout alone.
std::uint64_t checksum_rows(const DataLayout& layout);

std::uint64_t block_count(std::uint64_t rows, std::uint64_t rows_per_block);

/// Reads features and labels block by block, in order, and hands each block's checksum to
/// `receive(block, checksum)`. One pass over the file, one block in memory.
void for_each_checksum(const io::Hdf5Dataset& features, const io::Hdf5Dataset& labels,
                       std::uint64_t rows_per_block,
                       const std::function<void(std::uint64_t, const BlockChecksum&)>& receive);

}  // namespace annmpi::data_tool
