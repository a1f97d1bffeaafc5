// How fast the kernels are, as a share of what this machine's core can do.

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "benchmarks/byte_kernels.hpp"
#include "benchmarks/data.hpp"
#include "benchmarks/first_layers.hpp"
#include "benchmarks/report.hpp"
#include "device/cpu/gemm/dot.hpp"
#include "device/cpu/int8/amx.hpp"
#include "device/cpu/layers/activations.hpp"
#include "device/cpu/layers/losses.hpp"
#include "device/cpu/layers/small_layers.hpp"
#include "device/cpu/narrow/narrow_backward.hpp"
#include "device/cpu/narrow/narrow_forward.hpp"
#include "device/cpu/simd/vector_math.hpp"

namespace annmpi::benchmarks {
namespace {

using config::Precision;
using namespace device::cpu::kernels;

constexpr std::size_t chunk_rows = 96;
constexpr std::size_t inputs = 1024;

double operations_of_pass(std::size_t rows, std::size_t units) {
  return 2.0 * static_cast<double>(rows * inputs * units);
}

template <class T>
double bytes_of(std::size_t rows) {
  return static_cast<double>(rows * inputs * sizeof(T));
}

/// pass(first, rows) for each chunk
template <class Pass>
void for_each_chunk(std::size_t rows, Pass&& pass) {
  for (std::size_t first = 0; first < rows; first += chunk_rows)
    pass(first, std::min(chunk_rows, rows - first));
}

template <class T>
void forward(benchmark::State& state, std::size_t units, std::size_t rows, Precision precision) {
  const AlignedVector<T> X = features<T>(rows * inputs);
  PackedWeights weights(units, inputs, precision);
  weights.pack(numbers(units * (1 + inputs)), 1.0 / 255);
  std::vector<double> Z(rows * units);
  report(state, {operations_of_pass(rows, units), bytes_of<T>(rows)}, [&] {
    for_each_chunk(rows, [&](std::size_t first, std::size_t count) {
      narrow_forward(std::span(X).subspan(first * inputs, count * inputs), count, weights,
                     std::span(Z).subspan(first * units));
    });
  });
}

template <class T>
void backward(benchmark::State& state, std::size_t units, std::size_t rows, Precision precision,
              Summation summation) {
  const AlignedVector<T> X = features<T>(rows * inputs);
  const std::vector<double> delta = numbers(rows * units);
  GradientSums sums(units, inputs, precision, summation);
  const std::vector splits(units, exact_sum::make_split(256.0 * chunk_rows, 1 << 20));
  sums.start(splits, splits);
  BackwardWorkspace workspace(units, chunk_rows, precision);
  report(state, {operations_of_pass(rows, units), bytes_of<T>(rows)}, [&] {
    for_each_chunk(rows, [&](std::size_t first, std::size_t count) {
      narrow_backward(std::span(X).subspan(first * inputs, count * inputs), count,
                      std::span(delta).subspan(first * units, count * units), sums, workspace);
    });
  });
}

void trial(benchmark::State& state, std::size_t units, std::size_t rows) {
  constexpr std::size_t classes = 3;
  const std::vector<double> Z = numbers(rows * units);
  const std::vector<double> parameters = numbers(classes * (1 + units));
  std::vector<std::int32_t> labels(rows);
  std::vector<double> values(chunk_rows * units), tangents(values);
  std::vector<double> z(chunk_rows * classes), dz(z), delta(z);
  report(state, {}, [&] {
    double sum = 0;
    for_each_chunk(rows, [&](std::size_t first, std::size_t count) {
      const auto part = std::span(Z).subspan(first * units, count * units);
      const std::size_t outputs = count * classes;
      activate_along<double>(config::Activation::sigmoid, part, part, 0.3, values, values,
                             tangents);
      affine_along<double>(count, units, classes, values, tangents, parameters, parameters, z, dz);
      sum += loss_and_delta(config::OutputUnit::sigmoid, std::span(z).first(outputs),
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
  report(state, {}, [&] { function(x, out); });
}

void register_layer(std::size_t units, std::size_t rows) {
  const std::string size = fmt::format("/{}/{}", units, rows);
  const auto add = [&](const std::string& name, auto run) { register_benchmark(name + size, run); };
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
  add("trial", [=](State& s) { trial(s, units, rows); });
}

}  // namespace
}  // namespace annmpi::benchmarks

int main(int count, char** arguments) {
  using namespace annmpi::benchmarks;
  namespace kernels = annmpi::device::cpu::kernels;
  print_machine();
  const bool has_amx = kernels::amx_is_usable();
  if (!has_amx) fmt::print("no AMX here: kernels of bytes in integers are left out\n");
  for (const std::size_t units : {1, 3, 5, 8, 16, 25, 32}) register_layer(units, 2700);
  for (const std::size_t units : {8, 16, 25}) {
    register_layer(units, 27000);
    if (!has_amx) continue;
    for (const std::size_t rows : {2700, 27000}) register_byte_kernels(units, rows);
  }
  register_first_layers();
  const auto add = [](const char* name, auto function) {
    register_benchmark(name, [=](benchmark::State& state) { map(state, function); });
  };
  add("exp", &kernels::exp);
  add("sigmoid", &kernels::sigmoid);
  add("tanh", &kernels::tanh);
  add("softplus_tail", &kernels::softplus_tail);
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  print_table();
  return 0;
}
