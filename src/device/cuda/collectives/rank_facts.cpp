#include "device/cuda/collectives/rank_facts.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace annmpi::device::cuda {

std::vector<std::vector<std::int64_t>> allgather_facts(const device::GpuRank& rank,
                                                       std::span<const std::int64_t> mine) {
  // Zeros in the rows of the others, so that the sum is an allgather.
  std::vector<std::int64_t> all(static_cast<std::size_t>(rank.size) * mine.size());
  std::ranges::copy(mine, all.begin() + rank.rank * static_cast<std::ptrdiff_t>(mine.size()));
  rank.sum(std::span(all));
  std::vector<std::vector<std::int64_t>> rows;
  for (std::size_t first = 0; first < all.size(); first += mine.size())
    rows.emplace_back(all.data() + first, all.data() + first + mine.size());
  return rows;
}

void from_root(const device::GpuRank& rank, std::span<std::byte> bytes) {
  std::vector<std::int64_t> words((bytes.size() + sizeof(std::int64_t) - 1) / sizeof(std::int64_t));
  if (rank.rank == 0) std::memcpy(words.data(), bytes.data(), bytes.size());
  rank.sum(std::span(words));
  std::memcpy(bytes.data(), words.data(), bytes.size());
}

bool on_all(const device::GpuRank& rank, bool here) {
  std::array<std::int64_t, 1> ranks{here ? 1 : 0};
  rank.sum(std::span<std::int64_t>(ranks));
  return ranks[0] == rank.size;
}

bool any_share(const device::GpuRank& rank, const device::Gpu& gpu) {
  std::array<std::int64_t, 2> identity{};
  static_assert(sizeof identity == sizeof gpu.identity);
  std::memcpy(identity.data(), gpu.identity.data(), sizeof identity);
  auto all = allgather_facts(rank, identity);
  std::ranges::sort(all);
  return std::ranges::adjacent_find(all) != all.end();
}

}  // namespace annmpi::device::cuda
