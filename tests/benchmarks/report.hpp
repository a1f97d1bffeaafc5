#pragma once

#include <functional>
#include <string>

#include <benchmark/benchmark.h>

namespace annmpi::benchmarks {

/// What one pass does; of no interest where it is 0.
struct Work {
  double operations = 0;  ///< additions and multiplications of numbers
  double bytes = 0;       ///< of features that are read
};

/// Measures the machine's peaks, which the shares that follow refer to, and prints them.
void print_machine();

void register_benchmark(const std::string& name, std::function<void(benchmark::State&)> run);

/// Runs `pass` again and again and reports its best time, its rate, and that rate as a share of the
/// machine's peak in doubles. The clock of a machine wanders: the peak is measured between the
/// passes, and the highest seen there counts.
void report(benchmark::State& state, const Work& work, const std::function<void()>& pass);

/// All that was reported, one short line each.
void print_table();

}  // namespace annmpi::benchmarks
