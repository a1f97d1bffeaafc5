#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace annmpi::device::cpu {

/// Adds the sums of all threads to those of the first, and returns these: flat(thread) is a span of
/// one thread's sums.
template <class Thread, class Flat>
auto sum_of_threads(std::vector<Thread>& threads, Flat&& flat) {
  const auto all = flat(threads.front());
  for (std::size_t thread = 1; thread < threads.size(); ++thread) {
    const auto other = flat(threads[thread]);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] += other[i];
  }
  return all;
}

}  // namespace annmpi::device::cpu
