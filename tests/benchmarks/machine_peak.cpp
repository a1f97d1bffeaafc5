#include "model/cpu/kernels/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "benchmarks/machine_peak.cpp"
#include <algorithm>
#include <chrono>
#include <vector>

#include <hwy/foreach_target.h>

#include "benchmarks/machine_peak.hpp"
#include "model/cpu/kernels/dot.hpp"
#include "model/cpu/kernels/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::model::cpu::kernels::HWY_NAMESPACE {

/// Operations of `rounds` rounds over chains of fused multiply-adds, more chains than the latency
/// of one asks for.
template <class Wide>
HWY_INLINE double multiply_add_chains(std::size_t rounds, double* sink) {
  constexpr std::size_t chains = 10;
  constexpr Vectors<Wide> d;
  hn::Vec<Vectors<Wide>> sums[chains];
#pragma GCC unroll 16
  for (auto& sum : sums) sum = hn::Set(d, static_cast<Wide>(*sink));
  const auto factor = hn::Set(d, static_cast<Wide>(0.999));
  const auto term = hn::Set(d, static_cast<Wide>(0.001));
  for (std::size_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 16
    for (auto& sum : sums) {
      sum = fused(d, sum, factor, term);
      keep_in_register(sum);
    }
  }
#pragma GCC unroll 16
  for (auto& sum : sums) *sink += static_cast<double>(hn::GetLane(sum));
  return 2.0 * chains * static_cast<double>(hn::MaxLanes(d)) * static_cast<double>(rounds);
}

double chains64(std::size_t rounds, double* sink) {
  return multiply_add_chains<double>(rounds, sink);
}
double chains32(std::size_t rounds, double* sink) {
  return multiply_add_chains<float>(rounds, sink);
}

}  // namespace annmpi::model::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::model::cpu::kernels {

HWY_EXPORT(chains64);
HWY_EXPORT(chains32);

double run_chains64(std::size_t rounds, double* sink) {
  return HWY_DYNAMIC_DISPATCH(chains64)(rounds, sink);
}
double run_chains32(std::size_t rounds, double* sink) {
  return HWY_DYNAMIC_DISPATCH(chains32)(rounds, sink);
}

}  // namespace annmpi::model::cpu::kernels

namespace annmpi::benchmarks {
namespace {

/// The highest rate, in 1e9/s, of work() that returns how much it did.
template <class Work>
double best_rate(int repetitions, Work&& work) {
  using Clock = std::chrono::steady_clock;
  double best = 0;
  for (int i = 0; i < repetitions; ++i) {
    const auto start = Clock::now();
    const double done = work();
    best = std::max(best, done / std::chrono::duration<double>(Clock::now() - start).count());
  }
  return best * 1e-9;
}

}  // namespace

MachinePeak measure_machine_peak() {
  namespace kernels = model::cpu::kernels;
  constexpr std::size_t rounds = 20000;
  double sink = 1;
  MachinePeak peak{};
  peak.gflops64 = best_rate(200, [&] { return kernels::run_chains64(rounds, &sink); });
  peak.gflops32 = best_rate(200, [&] { return kernels::run_chains32(rounds, &sink); });
  const std::vector<double> memory(std::size_t{1} << 25, 1e-9);  // 256 MB
  peak.read_gbytes = best_rate(5, [&] {
    sink += kernels::fixed_order_dot(memory, memory);
    return static_cast<double>(memory.size() * sizeof(double));
  });
  volatile double kept = sink;
  (void)kept;
  return peak;
}

}  // namespace annmpi::benchmarks
#endif
