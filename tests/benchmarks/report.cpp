#include "benchmarks/report.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "annmpi/device/machine_peak.hpp"

#include "device/cpu/gemm/blas.hpp"

namespace annmpi::benchmarks {
namespace {

struct Line {
  std::string name;
  double milliseconds;
  double gflops;
  double peak;  ///< GFLOP/s, the highest seen between the passes
  double read_gbytes;
};

device::MachinePeak peak;
std::string current;
std::vector<Line> table;

}  // namespace

void print_machine() {
  peak = device::measure_machine_peak(1);
  fmt::print(
      "one core: {:.1f} GFLOP/s in double, {:.1f} in float, reads {:.1f} GB/s; OpenBLAS for {}\n",
      peak.gflops64, peak.gflops32, peak.read_gbytes, device::cpu::blas().core);
}

void register_benchmark(const std::string& name, std::function<void(benchmark::State&)> run) {
  benchmark::RegisterBenchmark(name.c_str(), [name, run = std::move(run)](benchmark::State& state) {
    current = name;
    run(state);
  })->Unit(benchmark::kMillisecond);
}

void report(benchmark::State& state, const Work& work, const std::function<void()>& pass) {
  using Clock = std::chrono::steady_clock;
  double best = 1e9;
  double highest = device::gflops64_now();
  for (auto _ : state) {
    const auto start = Clock::now();
    pass();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
    highest = std::max(highest, device::gflops64_now());
  }
  const double gflops = work.operations / best * 1e-9;
  const Line line{current, best * 1e3, gflops, highest, work.bytes / best * 1e-9};
  state.counters["best_ms"] = line.milliseconds;
  state.counters["GFLOP/s"] = line.gflops;
  state.counters["%peak64"] = 100 * line.gflops / line.peak;
  state.counters["read_GB/s"] = line.read_gbytes;
  // Google Benchmark runs a pass several times, until it has run for long enough.
  if (!table.empty() && table.back().name == current) table.pop_back();
  table.push_back(line);
}

void print_table() {
  fmt::print("\n{:<34} {:>9} {:>8} {:>6} {:>7} {:>10} {:>7}\n", "pass", "best ms", "GFLOP/s",
             "peak", "% peak", "read GB/s", "% read");
  for (const Line& line : table)
    fmt::print("{:<34} {:>9.3f} {:>8.1f} {:>6.1f} {:>7.1f} {:>10.1f} {:>7.1f}\n", line.name,
               line.milliseconds, line.gflops, line.peak, 100 * line.gflops / line.peak,
               line.read_gbytes, 100 * line.read_gbytes / peak.read_gbytes);
  fmt::print(
      "peak: GFLOP/s by multiply-adds of doubles. Floats, and bytes in integers by matrix units, "
      "may "
      "pass 100 % of it; what caches hold may pass 100 % of reading memory.\n");
}

}  // namespace annmpi::benchmarks
