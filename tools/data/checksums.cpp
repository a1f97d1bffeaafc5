#include "checksums.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "hash.hpp"
#include "interruption.hpp"

namespace annmpi::data_tool {
namespace {

constexpr std::uint64_t block_bytes = std::uint64_t{1} << 20;
constexpr std::uint64_t longest_block_rows = 65536;

std::uint64_t hash_of(const io::Hdf5Dataset& dataset, std::uint64_t first, std::uint64_t count,
                      std::vector<std::byte>& buffer) {
  const std::uint64_t columns = dataset.shape().size() > 1 ? dataset.shape()[1] : 1;
  buffer.resize(static_cast<std::size_t>(count * columns) * io::bytes_of(dataset.type()));
  dataset.read_rows_as_stored(first, count, buffer);
  Hash hash;
  hash.update(buffer.data(), buffer.size());
  return hash.value64();
}

}  // namespace

std::uint64_t checksum_rows(const DataLayout& layout) {
  return std::clamp<std::uint64_t>(block_bytes / std::max<std::uint64_t>(layout.row_bytes(), 1), 1,
                                   longest_block_rows);
}

std::uint64_t block_count(std::uint64_t rows, std::uint64_t rows_per_block) {
  return rows / rows_per_block + (rows % rows_per_block != 0 ? 1 : 0);
}

void for_each_checksum(const io::Hdf5Dataset& features, const io::Hdf5Dataset& labels,
                       std::uint64_t rows_per_block,
                       const std::function<void(std::uint64_t, const BlockChecksum&)>& receive) {
  const std::uint64_t rows = labels.shape()[0];
  std::vector<std::byte> buffer;
  for (std::uint64_t block = 0; block < block_count(rows, rows_per_block); ++block) {
    interruption::check();
    const std::uint64_t first = block * rows_per_block;
    const std::uint64_t count = std::min(rows_per_block, rows - first);
    const std::uint64_t of_features = hash_of(features, first, count, buffer);
    receive(block, {of_features, hash_of(labels, first, count, buffer)});
  }
}

}  // namespace annmpi::data_tool
