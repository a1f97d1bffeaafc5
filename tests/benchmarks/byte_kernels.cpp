#include "benchmarks/byte_kernels.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "benchmarks/data.hpp"
#include "benchmarks/report.hpp"
#include "device/cpu/int8/byte_backward.hpp"
#include "device/cpu/int8/byte_forward.hpp"

namespace annmpi::benchmarks {
namespace {

using config::Precision;
using namespace device::cpu::kernels;

constexpr std::size_t chunk_rows = 96;
constexpr std::size_t inputs = 1024;

Work work_of_pass(std::size_t rows, std::size_t units) {
  return {2.0 * static_cast<double>(rows * inputs * units), static_cast<double>(rows * inputs)};
}

void forward(benchmark::State& state, std::size_t units, std::size_t rows, Precision precision) {
  const AlignedVector<std::uint8_t> X = features<std::uint8_t>(rows * inputs);
  const std::vector<double> parameters = numbers(units * (1 + inputs));
  SlicedWeights weights(units, inputs, precision);
  std::vector<double> Z(rows * units);
  report(state, work_of_pass(rows, units), [&] {
    weights.pack(parameters, 1.0 / 255);
    for (std::size_t first = 0; first < rows; first += chunk_rows) {
      const std::size_t count = std::min(chunk_rows, rows - first);
      byte_forward(std::span(X).subspan(first * inputs, count * inputs), count, weights,
                   std::span(Z).subspan(first * units));
    }
  });
}

void backward(benchmark::State& state, std::size_t units, std::size_t rows, Precision precision,
              bool transposed_before) {
  const AlignedVector<std::uint8_t> X = features<std::uint8_t>(rows * inputs);
  const std::vector<double> delta = numbers(rows * units);
  const std::vector<double> bounds(units, 1.0);
  std::vector<double> gradient(units * (1 + inputs));
  ByteGradientSums sums(units, inputs, precision);
  TransposedFeatures transposed(transposed_before ? rows : 0, inputs);
  for (std::size_t block = 0; block < transposed.blocks(); ++block) transposed.transpose(X, block);
  report(state, work_of_pass(rows, units), [&] {
    sums.start(bounds);
    for (std::size_t first = 0; first < rows; first += chunk_rows) {
      const std::size_t count = std::min(chunk_rows, rows - first);
      sums.add(X, transposed_before ? &transposed : nullptr, first, count,
               std::span(delta).subspan(first * units, count * units));
    }
    sums.finish();
    sums.round_to(gradient, 1.0 / 255);
  });
}

}  // namespace

void register_byte_kernels(std::size_t units, std::size_t rows) {
  const std::string size = fmt::format("/{}/{}", units, rows);
  const auto add = [&](const std::string& name, auto run) { register_benchmark(name + size, run); };
  constexpr auto float64 = Precision::float64;
  constexpr auto mixed = Precision::mixed;
  using State = benchmark::State;
  add("forward_bytes", [=](State& s) { forward(s, units, rows, float64); });
  add("forward_bytes_mixed", [=](State& s) { forward(s, units, rows, mixed); });
  add("backward_bytes", [=](State& s) { backward(s, units, rows, float64, false); });
  add("backward_bytes_transposed", [=](State& s) { backward(s, units, rows, float64, true); });
  add("backward_bytes_mixed", [=](State& s) { backward(s, units, rows, mixed, false); });
  add("backward_bytes_mixed_transposed", [=](State& s) { backward(s, units, rows, mixed, true); });
}

}  // namespace annmpi::benchmarks
