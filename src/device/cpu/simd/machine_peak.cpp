#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/simd/machine_peak.cpp"
#include <algorithm>
#include <chrono>
#include <memory>
#include <new>
#include <span>

#include <hwy/foreach_target.h>
#include <omp.h>

#include "annmpi/device/machine_peak.hpp"

#include "device/cpu/gemm/dot.hpp"
#include "device/cpu/simd/dispatch.hpp"
#include "device/cpu/simd/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

/// Floating-point operations done in `rounds` rounds of fused multiply-adds on independent chains,
/// enough of them to hide the latency.
template <class Real>
double multiply_add_chains(std::size_t rounds, double* sink) {
  constexpr std::size_t chains = 10;
  constexpr Vectors<Real> d;
  hn::Vec<Vectors<Real>> sums[chains];
#pragma GCC unroll 16
  for (auto& sum : sums) sum = hn::Set(d, static_cast<Real>(*sink));
  const auto factor = hn::Set(d, static_cast<Real>(0.999));
  const auto term = hn::Set(d, static_cast<Real>(0.001));
  for (std::size_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 16
    for (auto& sum : sums) {
      sum = fused(sum, factor, term);
      keep_in_register(sum);
    }
  }
#pragma GCC unroll 16
  for (auto& sum : sums) *sink += static_cast<double>(hn::GetLane(sum));
  return 2.0 * chains * static_cast<double>(hn::MaxLanes(d)) * static_cast<double>(rounds);
}

ANNMPI_KERNEL(multiply_add_chains)

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {

ANNMPI_EXPORT(multiply_add_chains)

template <class Real>
double multiply_add_chains(std::size_t rounds, double* sink) {
  return ANNMPI_DISPATCH(Real, multiply_add_chains)(rounds, sink);
}

}  // namespace annmpi::device::cpu::kernels

namespace annmpi::device {
namespace {

/// The combined rate of all threads in 1e9/s, where work() returns the units of work done: the best
/// of some repetitions, in each of which every thread calls it `times` times.
template <class Work>
double best_rate(int threads, int repetitions, int times, Work&& work) {
  using Clock = std::chrono::steady_clock;
  double best = 0;
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    double rate = 0;
#pragma omp parallel num_threads(threads) reduction(+ : rate)
    {
      double done = 0;
      const auto start = Clock::now();
      for (int i = 0; i < times; ++i) done += work();
      rate = done / std::chrono::duration<double>(Clock::now() - start).count();
    }
    best = std::max(best, rate);
  }
  return best * 1e-9;
}

/// Keeps the compiler from eliminating the computation of this number.
void use(double number) {
  volatile double kept = number;
  (void)kept;
}

double fma_rate(int threads, double (*chains)(std::size_t rounds, double* sink)) {
  return best_rate(threads, 20, 50, [&] {
    double sink = 1;
    const double operations = chains(20000, &sink);
    use(sink);
    return operations;
  });
}

double read_rate(int threads) {
  // Each thread reads a slice of its own, which it touches first for NUMA-local pages. Together
  // the slices exceed the caches.
  const std::size_t slice =
      std::max<std::size_t>(std::size_t{1} << 23,
                            (std::size_t{1} << 21) * static_cast<std::size_t>(threads)) /
      static_cast<std::size_t>(threads);
  const std::size_t count = slice * static_cast<std::size_t>(threads);
  const std::unique_ptr<double[]> memory(new (std::nothrow) double[count]);
  if (!memory) return 0;
  const auto own = [&] {
    return std::span(memory.get() + slice * static_cast<std::size_t>(omp_get_thread_num()), slice);
  };
#pragma omp parallel num_threads(threads)
  std::ranges::fill(own(), 1e-9);
  return best_rate(threads, 3, 1, [&] {
    use(cpu::kernels::fixed_order_dot(own(), own()));
    return static_cast<double>(slice * sizeof(double));
  });
}

}  // namespace

MachinePeak measure_machine_peak(int threads) {
  return {.gflops64 = fma_rate(threads, cpu::kernels::multiply_add_chains<double>),
          .gflops32 = fma_rate(threads, cpu::kernels::multiply_add_chains<float>),
          .read_gbytes = read_rate(threads)};
}

double gflops64_now() {
  return best_rate(1, 5, 1, [] {
    double sink = 1;
    const double operations = cpu::kernels::multiply_add_chains<double>(20000, &sink);
    use(sink);
    return operations;
  });
}

}  // namespace annmpi::device
#endif
