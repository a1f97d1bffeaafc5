#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/device/device.hpp"

#include "device/cpu/full_batch/cpu_bench.hpp"
#include "support/reference_network.hpp"
#include "support/samples.hpp"
#include "support/set_facts.hpp"

// The passes of the CPU device, compared with finite differences of the loss and with the reference
// network. Tests of other devices compare with this one.
namespace annmpi::device {
namespace {

using io::ElementType;
using tests::all_cases;
using tests::Case;
using tests::chunk_rows;
using tests::CpuBench;
using tests::difference_step;
using tests::difference_tolerance;
using tests::random_vector;
using tests::rows;

constexpr double epsilon = std::numeric_limits<double>::epsilon();

TEST(CpuDevice, AgreesWithThePlainReference) {
  for (const Case& made_of : all_cases())
    for (const double l2 : {0.0, 2.5}) {
      SCOPED_TRACE(made_of.name());
      CpuBench bench(made_of);
      const auto theta = random_vector(made_of.network.parameters(), 3);
      const auto expected =
          tests::reference_cost(made_of.network, made_of.samples, tests::to_reals(theta), l2);
      // Sums over 37 rows of values of about 1: at most some hundred roundings.
      EXPECT_NEAR(bench.cost(theta, l2), static_cast<double>(expected.cost), 1e-14);
      EXPECT_EQ(bench.measure(theta).hits, expected.hits);
      const auto gradient = bench.gradient(theta, l2);
      for (std::size_t i = 0; i < gradient.size(); ++i)
        ASSERT_NEAR(gradient[i], static_cast<double>(expected.gradient[i]), 1e-14) << i;
    }
}

TEST(CpuDevice, ComputesTheGradientThatDifferencesOfTheCostShow) {
  for (const Case& made_of : all_cases())
    for (const double l2 : {0.0, 2.5}) {
      SCOPED_TRACE(made_of.name());
      CpuBench bench(made_of);
      const auto theta = random_vector(made_of.network.parameters(), 4);
      // A step changes z by less than 20 h, so no unit crosses a kink, as that of relu.
      const auto reference =
          tests::reference_cost(made_of.network, made_of.samples, tests::to_reals(theta), l2);
      ASSERT_GT(reference.nearest_kink, 20 * difference_step);
      const double tolerance = difference_tolerance(bench.cost(theta, l2), 20);
      const auto gradient = bench.gradient(theta, l2);
      for (std::size_t i = 0; i < theta.size(); ++i) {
        auto ahead = theta;
        auto behind = theta;
        ahead[i] += difference_step;
        behind[i] -= difference_step;
        const double difference =
            (bench.cost(ahead, l2) - bench.cost(behind, l2)) / (ahead[i] - behind[i]);
        ASSERT_NEAR(gradient[i], difference, tolerance) << i;
      }
    }
}

TEST(CpuDevice, GivesTheSameSumsWhateverTheChunk) {
  for (const Case& made_of : all_cases()) {
    SCOPED_TRACE(made_of.name());
    const auto theta = random_vector(made_of.network.parameters(), 12);
    CpuBench whole(made_of, 1000);
    const auto gradient = whole.gradient(theta, 1);
    for (const std::uint64_t size : {1U, 7U, 36U, 37U}) {
      CpuBench pieces(made_of, size);
      EXPECT_NEAR(pieces.cost(theta, 1), whole.cost(theta, 1), 1e-14);
      EXPECT_EQ(pieces.measure(theta).hits, whole.measure(theta).hits);
      const auto other = pieces.gradient(theta, 1);
      for (std::size_t i = 0; i < gradient.size(); ++i) ASSERT_NEAR(other[i], gradient[i], 1e-14);
    }
  }
}

TEST(CpuDevice, GivesSumsOfZeroForAShardWithoutRows) {
  const network::Network network =
      network::make_network({5, 4, 3}, config::Activation::tanh, config::OutputUnit::softmax);
  const Case nothing{network, tests::random_samples(0, 5, 3, ElementType::uint8, 1)};
  CpuBench bench(nothing, 96);
  const auto point = bench.vector(random_vector(network.parameters(), 1));
  const auto line = bench.vector(random_vector(network.parameters(), 2));
  const auto gradient = bench.vector(random_vector(network.parameters(), 3));
  EXPECT_EQ(bench.shard().rows(), 0U);
  bench.device().project(bench.shard(), *point);
  bench.device().aim(bench.shard(), *line);
  bench.device().move(1, *line, *gradient, std::array{&bench.shard()});
  const Point at{*point, line.get(), 0.5};
  EXPECT_EQ(bench.device().probe(bench.shard(), at).loss.value(), 0.0);
  EXPECT_EQ(bench.device().probe(bench.shard(), at).slope.value(), 0.0);
  EXPECT_EQ(bench.device().measure(bench.shard(), at).hits, 0);
  EXPECT_EQ(bench.device().sum_gradient(bench.shard(), at).loss.value(), 0.0);
  bench.device().finish_gradient(at, 1, 0, *gradient);
  EXPECT_EQ(bench.values(*gradient), std::vector<double>(network.parameters(), 0.0));
  bench.device().logits(bench.shard(), at, {});
}

TEST(CpuDevice, LeavesBiasesOutOfThePenalty) {
  // Layers 2-2-1; theta: [b w w] [b w w] [b w w].
  const network::Network network =
      network::make_network({2, 2, 1}, config::Activation::sigmoid, config::OutputUnit::sigmoid);
  CpuBench bench({network, tests::random_samples(0, 2, 1, ElementType::float64, 1)});
  const auto theta = bench.vector({100, 1, 2, 200, 3, 4, 300, 5, 6});
  const auto direction = bench.vector({-100, 1, 1, -200, 1, 1, -300, 2, -1});
  const PenaltyDots dots = bench.device().penalty_dots(*theta, direction.get());
  EXPECT_EQ(dots.weights_weights, 1 + 4 + 9 + 16 + 25 + 36);
  EXPECT_EQ(dots.weights_direction, 1 + 2 + 3 + 4 + 10 - 6);
  EXPECT_EQ(dots.direction_direction, 1 + 1 + 1 + 1 + 4 + 1);
  const PenaltyDots alone = bench.device().penalty_dots(*theta, nullptr);
  EXPECT_EQ(alone.weights_weights, dots.weights_weights);
  EXPECT_EQ(alone.weights_direction, 0.0);

  // Without rows: biases 0; weights (w + 2 v)/2 and w.
  const auto gradient = bench.vector({8, 8, 8, 8, 8, 8, 8, 8, 8});
  const auto penalty_at = [&](const Point& point, double penalty) {
    (void)bench.device().sum_gradient(bench.shard(), point);
    bench.device().finish_gradient(point, 0.25, penalty, *gradient);
    return bench.values(*gradient);
  };
  EXPECT_EQ(penalty_at({*theta, direction.get(), 2}, 0.5),
            (std::vector<double>{0, 1.5, 2, 0, 2.5, 3, 0, 4.5, 2}));
  EXPECT_EQ(penalty_at({*theta}, 1), (std::vector<double>{0, 1, 2, 0, 3, 4, 0, 5, 6}));
}

TEST(CpuDevice, SumsGradientsOverRanksThroughTheFunctionItWasGiven) {
  const network::Network network =
      network::make_network({5, 4, 3}, config::Activation::tanh, config::OutputUnit::softmax);
  const Case made_of{network, tests::random_samples(rows, 5, 3, ElementType::uint8, 1)};
  const auto theta = random_vector(network.parameters(), 1);
  const auto gradient_with = [&](SumOverRanks sum, std::uint64_t ranks) {
    const auto device = make_cpu_device(network, std::move(sum));
    data::SetFacts facts = tests::facts_of(made_of.samples, chunk_rows);
    facts.chunks *= ranks;
    const auto shard = device->hold(tests::shard_of(made_of.samples), facts);
    const auto point = device->space().zero();
    const auto gradient = device->space().zero();
    device->space().upload(theta, *point);
    device->project(*shard, *point);
    (void)device->sum_gradient(*shard, {*point});
    device->finish_gradient({*point}, 1, 0, *gradient);
    std::vector<double> values(network.parameters());
    device->space().download(*gradient, values);
    return values;
  };
  const auto alone = gradient_with([](auto) {}, 4);
  const auto four_times = gradient_with(
      [](auto values) {
        for (auto& value : values) value *= 4;  // the sum over four ranks with the same rows
      },
      4);
  // Multiplication by a power of two is exact.
  for (std::size_t i = 0; i < alone.size(); ++i) EXPECT_EQ(four_times[i], 4 * alone[i]);
}

TEST(CpuDevice, GivesTheSameBitsOnAnyNumberOfThreads) {
  for (const Case& made_of : all_cases()) {
    SCOPED_TRACE(made_of.name());
    const auto theta = random_vector(made_of.network.parameters(), 12);
    CpuBench one(made_of, 5);
    const auto gradient = one.gradient(theta, 1);
    for (const int threads : {2, 3, 8}) {
      CpuBench several(made_of, 5, {.threads = threads});
      EXPECT_EQ(several.cost(theta, 1), one.cost(theta, 1));
      EXPECT_EQ(several.gradient(theta, 1), gradient);
    }
  }
}

TEST(CpuDevice, SumsPlainlyToTheSameValueUpToRounding) {
  for (const Case& made_of : all_cases()) {
    SCOPED_TRACE(made_of.name());
    const auto theta = random_vector(made_of.network.parameters(), 12);
    CpuBench exact(made_of, 5);
    CpuBench plain(made_of, 5, {.deterministic = false});
    const auto gradient = exact.gradient(theta, 1);
    const auto other = plain.gradient(theta, 1);
    // Sums of about 1 over 8 chunks, divided by 37 rows.
    for (std::size_t i = 0; i < gradient.size(); ++i) ASSERT_NEAR(other[i], gradient[i], 1e-14);
  }
}

/// A column 2^40 times smaller than another keeps the precision of floats.
TEST(CpuDevice, KeepsSmallColumnsBesideLargeOnesInMixedPrecision) {
  const network::Network network =
      network::make_network({2, 3, 2}, config::Activation::sigmoid, config::OutputUnit::softmax);
  tests::Samples samples = tests::random_samples(4000, 2, 2, io::ElementType::float32, 7);
  for (std::size_t i = 0; i < samples.rows; ++i) samples.values[2 * i] *= 0x1p-40;
  const std::vector<double> theta = network::initial_parameters(network, 1.0, 3);
  const auto device =
      make_cpu_device(network, [](auto) {}, {.precision = config::Precision::mixed});
  const auto shard = device->hold(tests::shard_of(samples), tests::facts_of(samples, 1));
  const auto at = device->space().zero();
  device->space().upload(theta, *at);
  device->project(*shard, *at);
  (void)device->sum_gradient(*shard, {*at});
  const auto gradient = device->space().zero();
  device->finish_gradient({*at}, 1, 0, *gradient);
  std::vector<double> found(theta.size());
  device->space().download(*gradient, found);
  const auto expected = tests::reference_cost(network, samples, tests::to_reals(theta), 0).gradient;
  for (std::size_t j = 0; j < 3; ++j) {
    const std::size_t place = network.layers[0].row_length() * j + 1;
    // Terms of at most 2^-40 * 2, each rounded to floats several times.
    EXPECT_NEAR(found[place], static_cast<double>(4000 * expected[place]),
                4000 * 0x1p-39 * 0x1p-22);
  }
}

TEST(CpuDevice, TurnsFeaturesWithoutAnyEffectOnBits) {
  const network::Network network =
      network::make_network({70, 9, 3}, config::Activation::sigmoid, config::OutputUnit::softmax);
  const Case made_of{network, tests::random_samples(1500, 70, 3, ElementType::uint8, 5)};
  const auto theta = random_vector(network.parameters(), 6);
  for (const config::Precision precision : {config::Precision::float64, config::Precision::mixed}) {
    DeviceOptions options{
        .threads = 3, .precision = precision, .bytes = true, .training_rows = 1500};
    const auto as_stored = CpuBench(made_of, 96, options).gradient(theta, 0.5);
    options.transposed_features = true;
    EXPECT_EQ(CpuBench(made_of, 96, options).gradient(theta, 0.5), as_stored);
  }
}

TEST(CpuDevice, ShowsALossThatIsNotFinite) {
  const network::Network network =
      network::make_network({2, 2, 2}, config::Activation::relu, config::OutputUnit::softmax);
  CpuBench bench({network, tests::random_samples(5, 2, 2, ElementType::float64, 1)});
  std::vector<double> theta(network.parameters(), 1e200);
  for (std::size_t i = 6; i < theta.size(); ++i) theta[i] = i % 2 == 0 ? 1e200 : -1e200;
  EXPECT_FALSE(std::isfinite(bench.measure(theta).loss.value()));
}

TEST(CpuDevice, ReportsTheMemoryOfRowsAndCarriedValues) {
  const network::Network network =
      network::make_network({5, 4, 3}, config::Activation::tanh, config::OutputUnit::softmax);
  CpuBench bench({network, tests::random_samples(rows, 5, 3, ElementType::float32, 1)});
  // Features, labels, and Z and D of four units.
  EXPECT_EQ(bench.shard().bytes(), rows * (5 * 4 + 4 + 2 * 4 * 8));
  EXPECT_TRUE(bench.device().description().starts_with("CPU")) << bench.device().description();
}

}  // namespace
}  // namespace annmpi::device
