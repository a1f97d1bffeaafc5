#include "annmpi/data/batch_order.hpp"

#include <algorithm>

namespace annmpi::data {

BatchOrder::BatchOrder(std::uint64_t rows, std::uint64_t batch_rows, std::uint64_t seed)
    : rows_(rows), batch_rows_(batch_rows), seed_(seed) {}

Range BatchOrder::positions(std::uint64_t step) const {
  const std::uint64_t begin = std::min(rows_, step * batch_rows_);
  return {begin, std::min(rows_, begin + batch_rows_)};
}

}  // namespace annmpi::data
