#include "benchmarks/first_layers.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "benchmarks/data.hpp"
#include "benchmarks/report.hpp"
#include "device/cpu/gemm/blas.hpp"
#include "device/cpu/int8/amx.hpp"
#include "device/cpu/layers/first_layer.hpp"

namespace annmpi::benchmarks {
namespace {

using namespace device::cpu;
using config::Precision;

constexpr std::size_t rows = 2700;

data::HostBlock pixels(std::size_t inputs) {
  data::HostBlock shard({0, rows}, inputs, io::ElementType::uint8, 1.0 / 255);
  std::mt19937 generator(2);
  for (std::byte& pixel : shard.bytes()) pixel = static_cast<std::byte>(generator() & 0xff);
  return shard;
}

/// As the partition cuts them.
std::size_t chunk_rows(std::size_t parameters) {
  return parameters <= 65536 ? 96 : (parameters <= 1000000 ? 512 : 1024);
}

enum class Kind { bytes, narrow, wide };

const char* name_of(Kind kind) {
  constexpr const char* names[] = {"bytes", "narrow", "wide"};
  return names[static_cast<std::size_t>(kind)];
}

std::unique_ptr<FirstLayer> make(Kind kind, const network::Layer& layer, Precision precision) {
  const FirstLayerOptions options{.precision = precision};
  if (kind == Kind::bytes) return make_byte_first_layer(layer, options);
  return kind == Kind::narrow ? make_narrow_first_layer(layer, options)
                              : make_wide_first_layer(layer, options);
}

/// A layer that the benchmark's runs share: the features take a while to make.
struct Bench {
  Bench(std::size_t inputs, std::size_t units, Precision precision, Kind kind)
      : layer{.inputs = inputs, .outputs = units, .offset = 0},
        chunk(chunk_rows(layer.size())),
        shard(pixels(inputs)),
        parameters(numbers(layer.size())),
        Z(numbers(rows * units)),
        result(layer.size()),
        splits(units, {exact_sum::make_split(static_cast<double>(rows), rows),
                       exact_sum::make_split(256.0 * rows, rows), 1}),
        first_layer(make(kind, layer, precision)) {
    first_layer->reserve(1, chunk);
  }

  [[nodiscard]] Work work() const {
    return {2.0 * static_cast<double>(rows * layer.inputs * layer.outputs),
            static_cast<double>(rows * layer.inputs)};
  }

  void forward() {
    first_layer->prepare_forward(parameters, shard.feature_scale());
    for (std::size_t first = 0; first < rows; first += chunk)
      first_layer->forward(0, {shard, first, count(first)}, part(first));
  }
  /// From clearing the sums to rounding them; the features transposed beforehand where that is
  /// faster.
  void gradient() {
    if (!transposed) transposed = first_layer->transposed(shard, 1);
    first_layer->start_gradient(splits, shard.feature_scale());
    for (std::size_t first = 0; first < rows; first += chunk)
      first_layer->add_gradient(0, {shard, first, count(first), transposed.get()}, part(first));
    first_layer->finish_gradient(0);
    first_layer->collect_gradient(device::SumOverRanks([](auto) {}), result);
  }

 private:
  [[nodiscard]] std::size_t count(std::size_t first) const { return std::min(chunk, rows - first); }
  std::span<double> part(std::size_t first) {
    return std::span(Z).subspan(first * layer.outputs, count(first) * layer.outputs);
  }

  network::Layer layer;
  std::size_t chunk;
  data::HostBlock shard;
  std::vector<double> parameters;
  std::vector<double> Z;
  std::vector<double> result;
  std::vector<network::UnitSplit> splits;
  std::unique_ptr<FirstLayer> first_layer;
  std::unique_ptr<device::cpu::kernels::TransposedFeatures> transposed;
};

void register_layer(std::size_t inputs, std::size_t units, Precision precision, Kind kind) {
  const std::string name = fmt::format(
      "{}{}/{}x{}", name_of(kind), precision == Precision::mixed ? "_mixed" : "", units, inputs);
  register_benchmark(name + "/forward", [=](benchmark::State& state) {
    Bench bench(inputs, units, precision, kind);
    report(state, bench.work(), [&] { bench.forward(); });
  });
  register_benchmark(name + "/gradient", [=](benchmark::State& state) {
    Bench bench(inputs, units, precision, kind);
    // Z stands in for delta: its values, too, are within 1.
    report(state, bench.work(), [&] { bench.gradient(); });
  });
}

void gemm(CBLAS_TRANSPOSE how_a, CBLAS_TRANSPOSE how_b, int m, int n, int k, const double* a,
          int stride_a, const double* b, double* c) {
  blas().dgemm(CblasRowMajor, how_a, how_b, m, n, k, 1, a, stride_a, b, how_b == CblasTrans ? k : n,
               0, c, n);
}
void gemm(CBLAS_TRANSPOSE how_a, CBLAS_TRANSPOSE how_b, int m, int n, int k, const float* a,
          int stride_a, const float* b, float* c) {
  blas().sgemm(CblasRowMajor, how_a, how_b, m, n, k, 1, a, stride_a, b, how_b == CblasTrans ? k : n,
               0, c, n);
}

template <class Real>
void register_peer(const std::string& name, std::size_t inputs, std::size_t units) {
  const auto run = [=](benchmark::State& state, bool forward) {
    const auto reals = [](std::size_t count) {
      const std::vector<double> values = numbers(count);
      return std::vector<Real>(values.begin(), values.end());
    };
    const std::vector<Real> X = reals(rows * inputs);
    std::vector<Real> W = reals(units * inputs), Z = reals(rows * units);
    const auto m = static_cast<int>(rows), n = static_cast<int>(units);
    const auto d = static_cast<int>(inputs);
    report(state,
           {2.0 * static_cast<double>(rows * inputs * units),
            static_cast<double>(X.size() * sizeof(Real))},
           [&] {
             if (forward)
               gemm(CblasNoTrans, CblasTrans, m, n, d, X.data(), d, W.data(), Z.data());
             else
               gemm(CblasTrans, CblasNoTrans, n, d, m, Z.data(), n, X.data(), W.data());
           });
  };
  const std::string size = fmt::format("{}/{}x{}", name, units, inputs);
  register_benchmark(size + "/forward", [=](benchmark::State& state) { run(state, true); });
  register_benchmark(size + "/gradient", [=](benchmark::State& state) { run(state, false); });
}

}  // namespace

void register_first_layers() {
  for (const std::size_t inputs : {784, 1024, 4096})
    for (const std::size_t units : {8, 16, 24, 32, 40, 48, 64, 96, 128, 192, 256, 1024}) {
      for (const Precision precision : {Precision::float64, Precision::mixed}) {
        if (kernels::amx_is_usable()) register_layer(inputs, units, precision, Kind::bytes);
        if (units <= 256) register_layer(inputs, units, precision, Kind::narrow);
        register_layer(inputs, units, precision, Kind::wide);
      }
      register_peer<double>("dgemm", inputs, units);
      register_peer<float>("sgemm", inputs, units);
    }
}

}  // namespace annmpi::benchmarks
