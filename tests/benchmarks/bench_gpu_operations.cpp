// Counts and times the GPU operations of an iteration of the galaxy network:
// build/release/tests/bench_gpu_operations on an idle GPU. It prints the table of
// docs/performance.md.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include <cuda_runtime.h>

#include "benchmarks/counted_runtime.hpp"
#include "device/cuda/calls.hpp"
#include "device/cuda/galaxy_rig.hpp"

namespace annmpi::tests {
namespace {

/// Host microseconds per call, the best of several rounds, with a synchronization after each.
double time_of(GalaxyRig& rig, const std::function<void()>& work) {
  constexpr int rounds = 7, calls_of_round = 200;
  double best = 1e300;
  for (int round = 0; round < rounds; ++round) {
    rig.synchronize();
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < calls_of_round; ++i) work();
    rig.synchronize();
    const std::chrono::duration<double, std::micro> passed =
        std::chrono::steady_clock::now() - begin;
    best = std::min(best, passed.count() / calls_of_round);
  }
  return best;
}

void print_operations(GalaxyRig& rig) {
  std::printf("%-42s %8s %6s %7s %8s %9s %9s\n", "", "launches", "waits", "copies", "bytes",
              "least kB", "us");
  const auto print = [&](const std::string& name, const std::function<void()>& work, double least) {
    work();
    const Calls before = calls();
    work();
    const Calls made = calls() - before;
    std::int64_t copies = made.memsets;
    std::uint64_t bytes = 0;
    for (std::size_t way = 0; way < made.copies.size(); ++way) {
      copies += made.copies[way];
      bytes += made.bytes[way];
    }
    std::printf("%-42s %8lld %6lld %7lld %8llu %9.1f %9.2f\n", name.c_str(),
                static_cast<long long>(made.launches), static_cast<long long>(made.waits),
                static_cast<long long>(copies), static_cast<unsigned long long>(bytes),
                1e-3 * least, time_of(rig, work));
  };
  double least = 0;
  for (const GalaxyRig::Operation& operation : rig.operations()) {
    print(operation.name, operation.work, operation.least_bytes);
    least += operation.least_bytes;
  }
  print(
      "an iteration with 1 trial", [&] { rig.iterate(1); }, least);
  print(
      "an iteration with 2 trials", [&] { rig.iterate(2); }, least);
}

void print_kernels(GalaxyRig& rig) {
  constexpr int iterations = 50;
  struct Times {
    int calls = 0;
    double all = 0, least = 1e300;
  };
  time_kernels();
  for (int i = 0; i < iterations; ++i) rig.iterate(2);
  rig.synchronize();
  std::map<std::string, Times> kernels;
  double all = 0;
  for (const TimedKernel& kernel : timed_kernels()) {
    Times& its = kernels[kernel.name];
    ++its.calls;
    its.all += kernel.microseconds;
    its.least = std::min(its.least, kernel.microseconds);
    all += kernel.microseconds;
  }
  std::printf("\n%-56s %10s %9s %9s\n", "kernels of an iteration with 2 trials", "launches", "us",
              "least us");
  for (const auto& [name, its] : kernels)
    std::printf("%-56s %10.1f %9.2f %9.2f\n", name.c_str(),
                static_cast<double>(its.calls) / iterations, its.all / its.calls, its.least);
  std::printf("%-56s %10s %9.2f\n", "all", "", all / iterations);
}

int run() {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess || count == 0) {
    std::puts("no GPU on this host: nothing was measured");
    return 0;
  }
  for (const auto precision : {config::Precision::float64, config::Precision::mixed}) {
    std::printf("galaxy network, 2,700 and 675 rows, %s\n",
                precision == config::Precision::mixed ? "mixed" : "float64");
    GalaxyRig rig(precision);
    print_operations(rig);
    print_kernels(rig);
    std::printf("\n");
  }
  return 0;
}

}  // namespace
}  // namespace annmpi::tests

int main() {
  return annmpi::tests::run();
}
