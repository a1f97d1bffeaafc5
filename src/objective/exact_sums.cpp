#include "annmpi/objective/exact_sums.hpp"

#include <algorithm>
#include <stdexcept>

namespace annmpi::objective {

ExactSums::ExactSums(std::initializer_list<Superaccumulator> sums,
                     std::initializer_list<std::int64_t> counts)
    : first_count_(sums.size() * Superaccumulator::size), size_(first_count_ + counts.size()) {
  if (sums.size() > most_sums || counts.size() > most_counts)
    throw std::logic_error("ExactSums: too many sums or counts");
  auto next = numbers_.begin();
  for (const Superaccumulator& sum : sums) next = std::ranges::copy(sum.limbs(), next).out;
  std::ranges::copy(counts, next);
}

double ExactSums::value(std::size_t index) const {
  Superaccumulator sum;
  std::copy_n(numbers_.begin() + static_cast<std::ptrdiff_t>(index * Superaccumulator::size),
              Superaccumulator::size, sum.limbs().begin());
  return sum.value();
}

}  // namespace annmpi::objective
