// How fast the kernels are, as a share of what this machine's core can do.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "annmpi/model/machine_peak.hpp"

#include "model/cpu/blas.hpp"
#include "model/cpu/kernels/activations.hpp"
#include "model/cpu/kernels/dot.hpp"
#include "model/cpu/kernels/losses.hpp"
#include "model/cpu/kernels/narrow_backward.hpp"
#include "model/cpu/kernels/narrow_forward.hpp"
#include "model/cpu/kernels/small_layers.hpp"
#include "model/cpu/kernels/vector_math.hpp"

namespace annmpi::benchmarks {
namespace {

using namespace model::cpu::kernels;

model::MachinePeak peak;
constexpr std::size_t chunk_rows = 96;
constexpr std::size_t inputs = 1024;

std::vector<double> numbers(std::size_t count) {
  std::mt19937 generator(1);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<double> values(count);
  for (double& value : values) value = uniform(generator);
  return values;
}

template <class T>
std::vector<T> features(std::size_t rows) {
  std::mt19937 generator(2);
  std::vector<T> values(rows * inputs);
  for (T& value : values) value = static_cast<T>(generator() & 0xff);
  return values;
}

/// Runs `pass` and reports its best time, and unless `operations` is 0 its floating-point rate and
/// share of the peak in doubles. (On a machine that does other things too, the best says most.)
template <class Pass>
void report(benchmark::State& state, double operations, Pass&& pass) {
  using Clock = std::chrono::steady_clock;
  double best = 1e9;
  for (auto _ : state) {
    const auto start = Clock::now();
    pass();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
  }
  state.counters["best_ms"] = best * 1e3;
  state.counters["GFLOP/s"] = operations / best * 1e-9;
  state.counters["%peak64"] = operations / best * 1e-7 / peak.gflops64;
}

double operations_of_pass(std::size_t rows, std::size_t units) {
  return 2.0 * static_cast<double>(rows * inputs * units);
}

/// pass(first, rows) for each chunk
template <class Pass>
void for_each_chunk(std::size_t rows, Pass&& pass) {
  for (std::size_t first = 0; first < rows; first += chunk_rows)
    pass(first, std::min(chunk_rows, rows - first));
}

template <class T>
void forward(benchmark::State& state, std::size_t units, std::size_t rows, Precision precision) {
  const std::vector<T> X = features<T>(rows);
  PackedWeights weights(units, inputs, precision);
  weights.pack(numbers(units * (1 + inputs)), 1.0 / 255);
  std::vector<double> Z(rows * units);
  report(state, operations_of_pass(rows, units), [&] {
    for_each_chunk(rows, [&](std::size_t first, std::size_t count) {
      narrow_forward(std::span(X).subspan(first * inputs, count * inputs), count, weights,
                     std::span(Z).subspan(first * units));
    });
  });
}

template <class T>
void backward(benchmark::State& state, std::size_t units, std::size_t rows, Precision precision,
              Summation summation) {
  const std::vector<T> X = features<T>(rows);
  const std::vector<double> delta = numbers(rows * units);
  GradientSums sums(units, inputs, precision, summation);
  const std::vector splits(units, exact_sum::make_split(256.0 * chunk_rows, 1 << 20));
  sums.start(splits, splits);
  BackwardWorkspace workspace(units, chunk_rows, precision);
  report(state, operations_of_pass(rows, units), [&] {
    for_each_chunk(rows, [&](std::size_t first, std::size_t count) {
      narrow_backward(std::span(X).subspan(first * inputs, count * inputs), count,
                      std::span(delta).subspan(first * units, count * units), sums, workspace);
    });
  });
}

/// What OpenBLAS makes of the same product, with the features in doubles.
void dgemm_forward(benchmark::State& state, std::size_t units, std::size_t rows) {
  const std::vector<double> X = features<double>(rows);
  const std::vector<double> W = numbers(units * inputs);
  std::vector<double> Z(rows * units);
  const model::cpu::Blas& blas = model::cpu::blas();
  report(state, operations_of_pass(rows, units), [&] {
    blas.dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<int>(rows),
               static_cast<int>(units), static_cast<int>(inputs), 1.0, X.data(), inputs, W.data(),
               inputs, 0.0, Z.data(), static_cast<int>(units));
  });
}

void trial(benchmark::State& state, std::size_t units, std::size_t rows) {
  constexpr std::size_t classes = 3;
  const std::vector<double> Z = numbers(rows * units);
  const std::vector<double> parameters = numbers(classes * (1 + units));
  std::vector<std::int32_t> labels(rows);
  std::vector<double> values(chunk_rows * units), tangents(values);
  std::vector<double> z(chunk_rows * classes), dz(z), delta(z);
  report(state, 0, [&] {
    double sum = 0;
    for_each_chunk(rows, [&](std::size_t first, std::size_t count) {
      const auto part = std::span(Z).subspan(first * units, count * units);
      const std::size_t outputs = count * classes;
      activate_along(model::Activation::sigmoid, part, part, 0.3, values, tangents);
      affine_along(count, units, classes, values, tangents, parameters, parameters, z, dz);
      sum += loss_and_delta(model::OutputUnit::sigmoid, std::span(z).first(outputs),
                            std::span(labels).subspan(first, count), classes,
                            std::span(delta).first(outputs));
      sum += fixed_order_dot(std::span(delta).first(outputs), std::span(dz).first(outputs));
    });
    benchmark::DoNotOptimize(sum);
  });
}

void map(benchmark::State& state, void (*function)(std::span<const double>, std::span<double>)) {
  const std::vector<double> x = numbers(2700 * 8);
  std::vector<double> out(x.size());
  report(state, 0, [&] { function(x, out); });
}

void register_layer(std::size_t units, std::size_t rows) {
  const std::string size = fmt::format("/{}/{}", units, rows);
  const auto add = [&](const std::string& name, auto run) {
    benchmark::RegisterBenchmark((name + size).c_str(), run)->Unit(benchmark::kMillisecond);
  };
  constexpr auto float64 = Precision::float64;
  constexpr auto mixed = Precision::mixed;
  constexpr auto exact = Summation::exact;
  constexpr auto plain = Summation::plain;
  using State = benchmark::State;
  add("forward_uint8", [=](State& s) { forward<std::uint8_t>(s, units, rows, float64); });
  add("forward_uint8_mixed", [=](State& s) { forward<std::uint8_t>(s, units, rows, mixed); });
  add("backward_uint8", [=](State& s) { backward<std::uint8_t>(s, units, rows, float64, exact); });
  add("backward_uint8_plain",
      [=](State& s) { backward<std::uint8_t>(s, units, rows, float64, plain); });
  add("backward_uint8_mixed",
      [=](State& s) { backward<std::uint8_t>(s, units, rows, mixed, exact); });
  if (rows > 10000) return;
  add("forward_float32", [=](State& s) { forward<float>(s, units, rows, float64); });
  add("forward_float64", [=](State& s) { forward<double>(s, units, rows, float64); });
  add("backward_float32", [=](State& s) { backward<float>(s, units, rows, float64, exact); });
  add("backward_float64", [=](State& s) { backward<double>(s, units, rows, float64, exact); });
  add("dgemm_forward", [=](State& s) { dgemm_forward(s, units, rows); });
  add("trial", [=](State& s) { trial(s, units, rows); });
}

}  // namespace
}  // namespace annmpi::benchmarks

int main(int count, char** arguments) {
  using namespace annmpi::benchmarks;
  peak = annmpi::model::measure_machine_peak(1);
  fmt::print(
      "one core: {:.1f} GFLOP/s in double, {:.1f} in float, reads {:.1f} GB/s; OpenBLAS for {}\n",
      peak.gflops64, peak.gflops32, peak.read_gbytes, annmpi::model::cpu::blas().core);
  for (const std::size_t units : {1, 3, 5, 8, 16, 25, 32}) register_layer(units, 2700);
  for (const std::size_t units : {8, 16, 25}) register_layer(units, 27000);
  const auto add = [](const char* name, auto function) {
    benchmark::RegisterBenchmark(name, [=](benchmark::State& state) {
      map(state, function);
    })->Unit(benchmark::kMillisecond);
  };
  add("exp", &annmpi::model::cpu::kernels::exp);
  add("sigmoid", &annmpi::model::cpu::kernels::sigmoid);
  add("tanh", &annmpi::model::cpu::kernels::tanh);
  add("softplus_tail", &softplus_tail);
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
