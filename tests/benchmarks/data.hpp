#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "device/cpu/simd/aligned_vector.hpp"

/// What the benchmarks compute with: the same numbers in every run.
namespace annmpi::benchmarks {

/// Uniform in [-1, 1).
inline std::vector<double> numbers(std::size_t count) {
  std::mt19937 generator(1);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<double> values(count);
  for (double& value : values) value = uniform(generator);
  return values;
}

/// Whole numbers from 0 to 255, from the beginning of a cache line on, as the features of a shard.
template <class T>
device::cpu::kernels::AlignedVector<T> features(std::size_t count) {
  std::mt19937 generator(2);
  device::cpu::kernels::AlignedVector<T> values(count);
  for (T& value : values) value = static_cast<T>(generator() & 0xff);
  return values;
}

}  // namespace annmpi::benchmarks
