#include "annmpi/objective/exact_sums.hpp"

#include <algorithm>

namespace annmpi::objective {

ExactSums::ExactSums(std::initializer_list<Superaccumulator> sums,
                     std::initializer_list<std::int64_t> counts)
    : first_count_(sums.size() * Superaccumulator::size) {
  numbers_.reserve(first_count_ + counts.size());
  for (const Superaccumulator& sum : sums)
    numbers_.insert(numbers_.end(), sum.limbs().begin(), sum.limbs().end());
  numbers_.insert(numbers_.end(), counts);
}

double ExactSums::value(std::size_t index) const {
  Superaccumulator sum;
  std::copy_n(numbers_.begin() + static_cast<std::ptrdiff_t>(index * Superaccumulator::size),
              Superaccumulator::size, sum.limbs().begin());
  return sum.value();
}

}  // namespace annmpi::objective
