#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/device/device.hpp"
#include "annmpi/device/memory_plan.hpp"

#include "device/cuda/full_batch/cuda_device.hpp"
#include "device/cuda/received_samples.hpp"
#include "device/cuda/test_sums.hpp"
#include "support/activations.hpp"
#include "support/held_shard.hpp"
#include "support/samples.hpp"
#include "support/set_facts.hpp"
#include "support/temporary_folder.hpp"

// Passes of a GPU over a shard, with the CPU as the oracle.
namespace annmpi::tests {
namespace {

using config::Activation;
using config::OutputUnit;
using config::Precision;
using device::Point;
using io::ElementType;
using network::make_network;
using network::Network;

struct Case {
  Network network;
  Samples samples;
  std::uint64_t chunk_rows = 10;

  [[nodiscard]] std::string name() const {
    return describe(network) + ", " + std::string(io::name_of(samples.type)) + ", " +
           std::to_string(samples.rows) + " rows";
  }
};

/// Every activation x output x depth, with layers that one kernel computes and wider ones that use
/// cuBLAS, and alternating feature types.
std::vector<Case> all_cases() {
  std::vector<Case> cases;
  const std::vector<std::vector<std::int64_t>> shapes{
      {5, 3}, {5, 4, 3}, {5, 4, 3, 3}, {5, 4, 3, 4, 3}, {5, 9, 100, 3}, {5, 110}, {5, 70, 3}};
  constexpr ElementType types[] = {ElementType::uint8, ElementType::float32, ElementType::float64};
  for (const auto activation : all_activations())
    for (const auto output : {OutputUnit::sigmoid, OutputUnit::softmax})
      for (const auto& sizes : shapes)
        cases.push_back({make_network(sizes, activation, output),
                         random_samples(37, 5, 3, types[cases.size() % 3], 11)});
  // Partial blocks of rows and columns, and chunks of several blocks.
  for (const auto type : types)
    for (const std::uint64_t rows : {0, 1, 65, 300})
      cases.push_back({make_network({70, 9, 3}, Activation::tanh, OutputUnit::softmax),
                       random_samples(rows, 70, 3, type, 12), 130});
  // Several partial sums per chunk, not all of full size.
  for (const auto type : types)
    cases.push_back({make_network({21, 5, 3}, Activation::tanh, OutputUnit::softmax),
                     random_samples(1400, 21, 3, type, 13), 600});
  return cases;
}

bool of_bytes(const Samples& samples) {
  return samples.type == ElementType::uint8;
}

HeldShard gpu(const Case& made_of, Precision precision = Precision::float64) {
  const device::DeviceOptions options{.precision = precision,
                                      .bytes = of_bytes(made_of.samples),
                                      .training_rows = made_of.samples.rows};
  return {device::cuda::make_cuda_device(made_of.network, std::make_unique<TestSums>(), options,
                                         "a GPU"),
          shard_of(made_of.samples), facts_of(made_of.samples, made_of.chunk_rows)};
}

HeldShard cpu(const Case& made_of, Precision precision = Precision::float64) {
  const device::DeviceOptions options{.precision = precision,
                                      .bytes = of_bytes(made_of.samples),
                                      .training_rows = made_of.samples.rows};
  return {device::make_cpu_device(
              made_of.network, [](auto) {}, options),
          shard_of(made_of.samples), facts_of(made_of.samples, made_of.chunk_rows)};
}

/// Results of a device along a line, at two points and after the first step.
struct CompletionFlag {
  std::vector<double> loss, slope;
  std::vector<std::int64_t> hits;
  std::vector<std::vector<double>> logits, gradients;
};

CompletionFlag flag_of(HeldShard bench, const Case& made_of) {
  CompletionFlag report;
  device::FullBatchDevice& device = bench.device();
  device::DeviceRows& shard = bench.shard();
  const std::size_t size = made_of.network.parameters();
  const auto theta = bench.vector(random_vector(size, 1));
  const auto direction = bench.vector(random_vector(size, 2));
  const auto gradient = device.space().zero();
  const auto rows = static_cast<double>(std::max<std::uint64_t>(shard.rows(), 1));
  const auto look = [&](const Point& point) {
    const device::LossAndHits measured = device.measure(shard, point);
    report.loss.push_back(measured.loss.value());
    report.hits.push_back(measured.hits);
    report.logits.emplace_back(shard.rows() * made_of.network.classes());
    device.logits(shard, point, report.logits.back());
    const device::LossAndHits again = device.sum_gradient(shard, point);
    report.loss.push_back(again.loss.value());
    report.hits.push_back(again.hits);
    device.finish_gradient(point, 1 / rows, 0.3 / rows, *gradient);
    report.gradients.push_back(bench.values(*gradient));
  };
  device.project(shard, *theta);
  look({*theta});
  device.aim(shard, *direction);
  for (const double step : {0.0, 0.7}) {
    const Point point{*theta, direction.get(), step};
    const device::LossAndSlope probed = device.probe(shard, point);
    report.loss.push_back(probed.loss.value());
    report.slope.push_back(probed.slope.value());
    look(point);
  }
  device.move(0.7, *direction, *theta, std::array{&shard});
  look({*theta});
  return report;
}

/// Within `accuracy` of the largest expected magnitude.
void expect_near(const std::vector<double>& given, const std::vector<double>& expected,
                 double accuracy, const char* what) {
  ASSERT_EQ(given.size(), expected.size()) << what;
  double largest = 0;
  for (const double value : expected) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < given.size(); ++i)
    ASSERT_NEAR(given[i], expected[i], accuracy * largest) << what << " " << i;
}

void expect_near(const CompletionFlag& given, const CompletionFlag& expected, double accuracy) {
  expect_near(given.loss, expected.loss, accuracy, "loss");
  expect_near(given.slope, expected.slope, accuracy, "slope");
  EXPECT_EQ(given.hits, expected.hits);
  for (std::size_t i = 0; i < expected.logits.size(); ++i)
    expect_near(given.logits[i], expected.logits[i], accuracy, "logit");
  for (std::size_t i = 0; i < expected.gradients.size(); ++i)
    expect_near(given.gradients[i], expected.gradients[i], accuracy, "gradient");
}

TEST(CudaDevice, AgreesWithTheCpu) {
  for (const Case& made_of : all_cases()) {
    SCOPED_TRACE(made_of.name());
    expect_near(flag_of(gpu(made_of), made_of), flag_of(cpu(made_of), made_of), 1e-12);
  }
}

TEST(CudaDevice, UsesTheEstimatedMemory) {
  for (const Case& made_of : all_cases())
    EXPECT_EQ(gpu(made_of).shard().bytes(),
              device::gpu_shard_memory(made_of.network, made_of.samples.rows, made_of.samples.type)
                  .total())
        << made_of.name();
}

/// In mixed precision products with the features are accurate to about 2^-24 of the largest term,
/// and sums over rows and columns to a few times that.
TEST(CudaDevice, AgreesWithTheCpuToFloatRoundingInMixedPrecision) {
  for (const Case& made_of : all_cases()) {
    if (made_of.network.activation != Activation::tanh) continue;  // only the first layer differs
    SCOPED_TRACE(made_of.name());
    expect_near(flag_of(gpu(made_of, Precision::mixed), made_of), flag_of(cpu(made_of), made_of),
                3e-6);
  }
}

/// Narrow layers multiply floats and doubles in double precision in any mode.
TEST(CudaDevice, ComputesNarrowLayersOverFloatsInDoubleInMixedPrecision) {
  for (const auto type : {ElementType::float32, ElementType::float64}) {
    const Case made_of{make_network({70, 9, 3}, Activation::tanh, OutputUnit::softmax),
                       random_samples(65, 70, 3, type, 12)};
    const CompletionFlag mixed = flag_of(gpu(made_of, Precision::mixed), made_of);
    const CompletionFlag float64 = flag_of(gpu(made_of), made_of);
    EXPECT_EQ(mixed.slope, float64.slope);
    EXPECT_EQ(mixed.logits, float64.logits);
    EXPECT_EQ(mixed.gradients, float64.gradients);
  }
}

std::vector<double> gradient_of(HeldShard& bench, const Case& made_of, Superaccumulator& loss) {
  const auto theta = bench.vector(random_vector(made_of.network.parameters(), 1));
  const auto gradient = bench.device().space().zero();
  bench.device().project(bench.shard(), *theta);
  loss.add(bench.device().sum_gradient(bench.shard(), {*theta}).loss);
  bench.device().finish_gradient({*theta}, 1, 0, *gradient);
  return bench.values(*gradient);
}

/// Rows [first, first + count) of samples.
Samples part_of(const Samples& all, std::uint64_t first, std::uint64_t count) {
  Samples part = all;
  part.rows = count;
  part.values = {all.values.begin() + static_cast<std::ptrdiff_t>(first * all.columns),
                 all.values.begin() + static_cast<std::ptrdiff_t>((first + count) * all.columns)};
  part.labels = {all.labels.begin() + static_cast<std::ptrdiff_t>(first),
                 all.labels.begin() + static_cast<std::ptrdiff_t>(first + count)};
  return part;
}

TEST(CudaDevice, GivesTheSameBitsForAnyDistributionOfChunks) {
  for (const Precision precision : {Precision::float64, Precision::mixed})
    for (const auto type : {ElementType::uint8, ElementType::float32, ElementType::float64})
      for (const std::int64_t units : {9, 70}) {
        const std::int64_t upper = units == 9 ? 4 : 100;
        const Case whole{make_network({70, units, upper, 3}, Activation::relu, OutputUnit::sigmoid),
                         random_samples(300, 70, 3, type, 5), 50};
        SCOPED_TRACE(whole.name());
        Superaccumulator loss_of_one, loss_of_two;
        HeldShard one = gpu(whole, precision);
        const auto expected = gradient_of(one, whole, loss_of_one);
        const data::SetFacts facts = facts_of(whole.samples, whole.chunk_rows);
        const device::DeviceOptions options{
            .precision = precision, .bytes = of_bytes(whole.samples), .training_rows = 300};
        Written written;
        HeldShard first(device::cuda::make_cuda_device(
                            whole.network, std::make_unique<TestSums>(&written), options, "a GPU"),
                        shard_of(part_of(whole.samples, 0, 100)), facts);
        (void)gradient_of(first, whole, loss_of_two);
        HeldShard second(
            device::cuda::make_cuda_device(
                whole.network, std::make_unique<TestSums>(nullptr, &written), options, "a GPU"),
            shard_of(part_of(whole.samples, 100, 200)), facts);
        const auto given = gradient_of(second, whole, loss_of_two);
        for (std::size_t i = 0; i < expected.size(); ++i)
          ASSERT_EQ(std::bit_cast<std::uint64_t>(given[i]),
                    std::bit_cast<std::uint64_t>(expected[i]))
              << i;
        EXPECT_EQ(loss_of_two.value(), loss_of_one.value());
      }
}

TEST(CudaDevice, GivesTheSameBitsForStreamedRows) {
  const TemporaryFolder folder;
  struct Layer {
    ElementType type;
    std::int64_t units;
  };
  for (const auto [type, units] :
       {Layer{ElementType::uint8, 9}, Layer{ElementType::float32, 9},
        Layer{ElementType::float64, 9}, Layer{ElementType::float64, 70}}) {
    const Case made_of{make_network({70, units, 3}, Activation::tanh, OutputUnit::softmax),
                       random_samples(320, 70, 3, type, 5), 50};
    const std::string path =
        folder / (std::string(io::name_of(type)) + std::to_string(units) + ".h5");
    write_data_file(path, made_of.samples, {"a", "b", "c"});
    const io::Hdf5File file = io::Hdf5File::open(path);
    const std::size_t two_chunks = 2 * 50 * 70 * io::bytes_of(type);
    const device::DeviceOptions options{.bytes = of_bytes(made_of.samples), .training_rows = 320};
    // Three blocks of two chunks and a short one: the buffers alternate between passes.
    HeldShard streamed(device::cuda::make_cuda_device(made_of.network, std::make_unique<TestSums>(),
                                                      options, "a GPU"),
                       data::LocalSet(file, data::describe(file), {0, 320}, 50, two_chunks),
                       facts_of(made_of.samples, 50));
    EXPECT_LT(streamed.shard().bytes(), gpu(made_of).shard().bytes());
    const CompletionFlag report = flag_of(std::move(streamed), made_of);
    const CompletionFlag expected = flag_of(gpu(made_of), made_of);
    EXPECT_EQ(report.loss, expected.loss);
    EXPECT_EQ(report.slope, expected.slope);
    EXPECT_EQ(report.logits, expected.logits);
    EXPECT_EQ(report.gradients, expected.gradients);
  }
}

TEST(CudaDevice, GivesTheSameBitsForRowsReceivedWhileReading) {
  for (const auto type : {ElementType::uint8, ElementType::float64}) {
    const Case made_of{make_network({70, 9, 3}, Activation::tanh, OutputUnit::softmax),
                       random_samples(320, 70, 3, type, 5), 50};
    const data::Dataset set = header_of(made_of.samples);
    const auto received = [&](device::FullBatchDevice& device) {
      auto rows =
          device.receive({set, {0, 320}, 50, 100 * set.row_bytes()},
                         [&](data::HostBlock& block) { read_block(made_of.samples, block); });
      device.complete(*rows, facts_of(made_of.samples, 50));
      return rows;
    };
    const CompletionFlag expected = flag_of(gpu(made_of), made_of);
    HeldShard bench = gpu(made_of);
    bench.hold(received(bench.device()));
    const CompletionFlag report = flag_of(std::move(bench), made_of);
    EXPECT_EQ(report.loss, expected.loss);
    EXPECT_EQ(report.slope, expected.slope);
    EXPECT_EQ(report.logits, expected.logits);
    EXPECT_EQ(report.gradients, expected.gradients);
  }
}

TEST(CudaDevice, GivesNanIfParametersAreNan) {
  const Case made_of{make_network({5, 4, 3}, Activation::relu, OutputUnit::softmax),
                     random_samples(20, 5, 3, ElementType::uint8, 6)};
  HeldShard bench = gpu(made_of);
  auto values = random_vector(made_of.network.parameters(), 1);
  values[made_of.network.layers[1].offset + 2] = std::nan("");
  const auto theta = bench.vector(values);
  const auto gradient = bench.device().space().zero();
  bench.device().project(bench.shard(), *theta);
  EXPECT_TRUE(std::isnan(bench.device().sum_gradient(bench.shard(), {*theta}).loss.value()));
  bench.device().finish_gradient({*theta}, 1, 0, *gradient);
  EXPECT_TRUE(std::isnan(bench.device().space().max_abs(*gradient)));
}

TEST(CudaDevice, ExcludesBiasesFromThePenalty) {
  const Case made_of{make_network({5, 4, 3}, Activation::relu, OutputUnit::softmax),
                     random_samples(1, 5, 3, ElementType::uint8, 6)};
  const auto w = random_vector(made_of.network.parameters(), 1);
  const auto v = random_vector(made_of.network.parameters(), 2);
  HeldShard there = gpu(made_of), here = cpu(made_of);
  const auto dots = [&](HeldShard& bench) {
    const auto theta = bench.vector(w), direction = bench.vector(v);
    const auto both = bench.device().penalty_dots(*theta, direction.get());
    return std::vector{both.weights_weights, both.weights_direction, both.direction_direction,
                       bench.device().penalty_dots(*theta, nullptr).weights_weights};
  };
  expect_near(dots(there), dots(here), 1e-14, "dot");
}

}  // namespace
}  // namespace annmpi::tests
