#include "annmpi/data/partition.hpp"

#include <cmath>
#include <cstddef>
#include <numeric>

namespace annmpi::data {

Partition::Partition(std::uint64_t rows, std::uint64_t chunk_rows, std::span<const double> shares)
    : Partition(rows, chunk_rows, static_cast<int>(shares.size())) {
  const auto all = static_cast<double>(chunks());
  // Relative to the largest share, so that their sum cannot overflow.
  const double largest = *std::ranges::max_element(shares);
  double sum = 0;
  for (const double share : shares) sum += share / largest;
  std::vector<std::uint64_t> counts;
  std::vector<double> quotas;
  std::uint64_t left = chunks();
  for (const double share : shares) {
    quotas.push_back(all * (share / largest / sum));
    counts.push_back(std::min(left, static_cast<std::uint64_t>(quotas.back())));
    left -= counts.back();
  }
  std::vector<std::size_t> by_remainder(shares.size());
  std::iota(by_remainder.begin(), by_remainder.end(), std::size_t{0});
  const auto remainder = [&](std::size_t rank) { return quotas[rank] - std::floor(quotas[rank]); };
  std::ranges::stable_sort(by_remainder, std::ranges::greater(), remainder);
  for (std::size_t next = 0; left > 0; next = (next + 1) % by_remainder.size())
    if (shares[by_remainder[next]] > 0) {
      ++counts[by_remainder[next]];
      --left;
    }
  begins_.push_back(0);
  for (std::size_t rank = 0; rank < counts.size(); ++rank) {
    begins_.push_back(begins_.back() + counts[rank]);
    if (counts[rank] > 0)
      imbalance_ = std::max(imbalance_, static_cast<double>(counts[rank]) / quotas[rank]);
  }
}

}  // namespace annmpi::data
