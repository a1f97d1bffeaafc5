#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/model/device.hpp"

#include "support/reference_network.hpp"
#include "support/samples.hpp"
#include "support/set_facts.hpp"

// The passes of the CPU over a shard, held against differences of the loss and against the plain
// reference; it is the oracle of other devices.
namespace annmpi::model {
namespace {

using io::ElementType;
using tests::random_vector;
using tests::Samples;

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr std::uint64_t rows = 37;  // with chunks of 10, the last holds 7
constexpr std::uint64_t chunk_rows = 10;

/// One combination of everything that a network can be built from.
struct Case {
  Network network;
  Samples samples;

  [[nodiscard]] std::string name() const {
    return describe(network) + ", " + std::string(io::name_of(samples.type));
  }
};

/// Every activation x output x depth x type of features, with a narrow first layer, and one network
/// with a wide one.
std::vector<Case> all_cases() {
  std::vector<Case> cases;
  const std::vector<std::vector<std::int64_t>> shapes{
      {5, 3}, {5, 4, 3}, {5, 4, 3, 3}, {5, 4, 3, 4, 3}};
  for (const auto activation : {Activation::sigmoid, Activation::tanh, Activation::relu})
    for (const auto output : {OutputUnit::sigmoid, OutputUnit::softmax})
      for (const auto& sizes : shapes)
        for (const auto type : {ElementType::uint8, ElementType::float32, ElementType::float64})
          cases.push_back({make_network(sizes, activation, output),
                           tests::random_samples(rows, 5, 3, type, 11)});
  for (const auto type : {ElementType::uint8, ElementType::float32, ElementType::float64})
    cases.push_back({make_network({5, 100, 3}, Activation::sigmoid, OutputUnit::sigmoid),
                     tests::random_samples(rows, 5, 3, type, 11)});
  return cases;
}

/// A device that holds one shard; no rank but this one.
class Bench {
 public:
  explicit Bench(const Case& made_of, std::uint64_t rows_per_chunk = chunk_rows,
                 const CpuOptions& options = {})
      : device_(make_cpu_device(
            made_of.network, [](auto) {}, options)),
        shard_(device_->hold(tests::shard_of(made_of.samples),
                             tests::facts_of(made_of.samples, rows_per_chunk))) {}

  [[nodiscard]] Device& device() { return *device_; }
  [[nodiscard]] DeviceShard& shard() { return *shard_; }

  [[nodiscard]] std::unique_ptr<Vector> vector(const std::vector<double>& values) {
    auto made = device_->space().zero();
    device_->upload(values, *made);
    return made;
  }
  [[nodiscard]] std::vector<double> values(const Vector& vector) {
    std::vector<double> out(device_->space().dimension());
    device_->download(vector, out);
    return out;
  }

  /// Sums of losses and hits at theta, from the features.
  [[nodiscard]] LossAndHits measure(const std::vector<double>& theta) {
    const auto point = vector(theta);
    device_->project(*shard_, *point);
    return device_->measure(*shard_, {*point});
  }

  /// J and its gradient as the objective puts them together.
  [[nodiscard]] double cost(const std::vector<double>& theta, double l2) {
    const double loss = measure(theta).loss.value();
    const double squares = device_->penalty_dots(*vector(theta), nullptr).weights_weights;
    return (loss + l2 / 2 * squares) / static_cast<double>(shard_->rows());
  }
  [[nodiscard]] std::vector<double> gradient(const std::vector<double>& theta, double l2) {
    const auto m = static_cast<double>(shard_->rows());
    const auto point = vector(theta);
    const auto gradient = device_->space().zero();
    device_->project(*shard_, *point);
    (void)device_->sum_gradient(*shard_, {*point});
    device_->collect_gradient(*gradient);
    device_->finish_gradient({*point}, 1 / m, l2 / m, *gradient);
    return values(*gradient);
  }

 private:
  std::unique_ptr<Device> device_;
  std::unique_ptr<DeviceShard> shard_;
};

/// The step of central differences that balances truncation and rounding, eps^(1/3).
constexpr double difference_step = 6e-6;

/// (f(x + h) - f(x - h)) / 2h is off by h^2/6 |f'''| and by the rounding of f, some eps |f| / h.
/// These networks' third derivatives along a coordinate or a direction are below `third`.
double difference_tolerance(double largest_value, double third) {
  return difference_step * difference_step / 6 * third +
         8 * epsilon * largest_value / difference_step;
}

TEST(CpuDevice, AgreesWithThePlainReference) {
  for (const Case& made_of : all_cases())
    for (const double l2 : {0.0, 2.5}) {
      SCOPED_TRACE(made_of.name());
      Bench bench(made_of);
      const auto theta = random_vector(made_of.network.parameters(), 3);
      const auto expected =
          tests::reference_cost(made_of.network, made_of.samples, tests::to_reals(theta), l2);
      // Sums of 37 rows of numbers of the size of 1: some hundred roundings at most.
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
      Bench bench(made_of);
      const auto theta = random_vector(made_of.network.parameters(), 4);
      if (made_of.network.activation == Activation::relu) {
        // No unit crosses its kink: a step moves z by less than 20 h.
        const auto reference =
            tests::reference_cost(made_of.network, made_of.samples, tests::to_reals(theta), l2);
        ASSERT_GT(reference.nearest_kink, 20 * difference_step);
      }
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

TEST(CpuDevice, ProbesTheLossThatItMeasures) {
  for (const Case& made_of : all_cases()) {
    SCOPED_TRACE(made_of.name());
    Bench bench(made_of);
    const auto theta = random_vector(made_of.network.parameters(), 5);
    const auto direction = random_vector(made_of.network.parameters(), 6);
    const auto point = bench.vector(theta);
    const auto line = bench.vector(direction);
    bench.device().project(bench.shard(), *point);
    bench.device().aim(bench.shard(), *line);
    for (const double step : {0.0, 0.3, -1.5, 4.0}) {
      const Point at{*point, line.get(), step};
      const double probed = bench.device().probe(bench.shard(), at).loss.value();
      // The same passes over the same numbers.
      EXPECT_EQ(probed, bench.device().measure(bench.shard(), at).loss.value());
      // Against the features read anew at the moved theta, to rounding.
      auto moved = theta;
      for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += step * direction[i];
      Bench fresh(made_of);
      EXPECT_NEAR(probed, fresh.measure(moved).loss.value(), 1e-13 * (1 + probed));
    }
  }
}

TEST(CpuDevice, ProbesTheSlopeThatDifferencesOfTheLossShow) {
  for (const Case& made_of : all_cases()) {
    SCOPED_TRACE(made_of.name());
    Bench bench(made_of);
    const auto point = bench.vector(random_vector(made_of.network.parameters(), 7));
    const auto line = bench.vector(random_vector(made_of.network.parameters(), 8));
    bench.device().project(bench.shard(), *point);
    bench.device().aim(bench.shard(), *line);
    const auto probe = [&](double step) {
      return bench.device().probe(bench.shard(), {*point, line.get(), step});
    };
    for (const double step : {0.0, 0.2, -0.7}) {
      const LossAndSlope here = probe(step);
      const double difference = (probe(step + difference_step).loss.value() -
                                 probe(step - difference_step).loss.value()) /
                                (2 * difference_step);
      // A direction moves all parameters at once, and the loss is a sum of 37 rows.
      EXPECT_NEAR(here.slope.value(), difference, difference_tolerance(here.loss.value(), 37 * 20))
          << step;
    }
  }
}

TEST(CpuDevice, SlopesAlongTheLineAsTheGradientDoes) {
  for (const Case& made_of : all_cases()) {
    SCOPED_TRACE(made_of.name());
    Bench bench(made_of);
    const auto direction = random_vector(made_of.network.parameters(), 8);
    const auto point = bench.vector(random_vector(made_of.network.parameters(), 7));
    const auto line = bench.vector(direction);
    const auto gradient = bench.device().space().zero();
    bench.device().project(bench.shard(), *point);
    bench.device().aim(bench.shard(), *line);
    for (const double step : {0.0, 0.7}) {
      const Point at{*point, line.get(), step};
      (void)bench.device().sum_gradient(bench.shard(), at);
      bench.device().collect_gradient(*gradient);
      double dot = 0;
      const auto g = bench.values(*gradient);
      for (std::size_t i = 0; i < g.size(); ++i) dot += g[i] * direction[i];
      // Two ways to one sum of some thousand products of the size of 1.
      EXPECT_NEAR(bench.device().probe(bench.shard(), at).slope.value(), dot, 1e-12);
    }
  }
}

TEST(CpuDevice, CarriesItsPreActivationsToWhereAProjectionLeads) {
  for (const Case& made_of : all_cases()) {
    SCOPED_TRACE(made_of.name());
    const auto theta = random_vector(made_of.network.parameters(), 9);
    const auto direction = random_vector(made_of.network.parameters(), 10);
    Bench carried(made_of);
    const auto line = carried.vector(direction);
    const auto there = carried.vector(theta);
    carried.device().project(carried.shard(), *there);
    carried.device().aim(carried.shard(), *line);
    carried.device().move(0.75, *line, *there, std::array{&carried.shard()});

    auto moved = theta;
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += 0.75 * direction[i];
    EXPECT_EQ(carried.values(*there), moved);
    std::vector<double> from_carried(rows * 3), from_features(rows * 3);
    carried.device().logits(carried.shard(), {*there}, from_carried);
    Bench fresh(made_of);
    fresh.device().project(fresh.shard(), *there);
    fresh.device().logits(fresh.shard(), {*there}, from_features);
    // Logits up to 20 or so, after some roundings.
    for (std::size_t i = 0; i < from_carried.size(); ++i)
      ASSERT_NEAR(from_carried[i], from_features[i], 1e-13);
    // A probe there at step 0 is a measurement there.
    fresh.device().aim(fresh.shard(), *line);
    EXPECT_NEAR(carried.device().probe(carried.shard(), {*there, line.get(), 0}).slope.value(),
                fresh.device().probe(fresh.shard(), {*there, line.get(), 0}).slope.value(), 1e-11);
  }
}

/// What a probe keeps for a gradient at its point is what the gradient would compute; what it kept
/// of another step or line is not used.
TEST(CpuDevice, GivesTheSameGradientAfterAProbeAtThePoint) {
  for (const Case& made_of : all_cases()) {
    SCOPED_TRACE(made_of.name());
    Bench bench(made_of);
    Device& device = bench.device();
    const auto theta = bench.vector(random_vector(made_of.network.parameters(), 21));
    const auto line = bench.vector(random_vector(made_of.network.parameters(), 22));
    const auto other_line = bench.vector(random_vector(made_of.network.parameters(), 23));
    const auto gradient_at = [&](const Point& point) {
      const LossAndHits sums = device.sum_gradient(bench.shard(), point);
      const auto gradient = device.space().zero();
      device.collect_gradient(*gradient);
      auto all = bench.values(*gradient);
      all.push_back(sums.loss.value());
      all.push_back(static_cast<double>(sums.hits));
      return all;
    };
    device.project(bench.shard(), *theta);
    device.aim(bench.shard(), *line);
    const Point near{*theta, line.get(), 0.25}, far{*theta, line.get(), 0.75}, start{*theta};
    const auto at_near = gradient_at(near), at_far = gradient_at(far),
               at_start = gradient_at(start);
    (void)device.probe(bench.shard(), far);
    (void)device.probe(bench.shard(), near);
    EXPECT_EQ(gradient_at(near), at_near);
    EXPECT_EQ(gradient_at(near), at_near);
    EXPECT_EQ(gradient_at(far), at_far);
    EXPECT_EQ(gradient_at(start), at_start);
    (void)device.measure(bench.shard(), far);
    EXPECT_EQ(gradient_at(near), at_near);

    device.aim(bench.shard(), *other_line);
    const Point elsewhere{*theta, other_line.get(), 0.25};
    const auto expected = gradient_at(elsewhere);
    EXPECT_NE(expected, at_near);
    (void)device.probe(bench.shard(), elsewhere);
    EXPECT_EQ(gradient_at(elsewhere), expected);
    const auto moved = bench.vector(random_vector(made_of.network.parameters(), 21));
    device.move(0.5, *other_line, *moved, std::array{&bench.shard()});
    EXPECT_NE(gradient_at(elsewhere), expected);
  }
}

TEST(CpuDevice, GivesTheSameSumsWhateverTheChunk) {
  for (const Case& made_of : all_cases()) {
    SCOPED_TRACE(made_of.name());
    const auto theta = random_vector(made_of.network.parameters(), 12);
    Bench whole(made_of, 1000);
    const auto gradient = whole.gradient(theta, 1);
    for (const std::uint64_t size : {1U, 7U, 36U, 37U}) {
      Bench pieces(made_of, size);
      EXPECT_NEAR(pieces.cost(theta, 1), whole.cost(theta, 1), 1e-14);
      EXPECT_EQ(pieces.measure(theta).hits, whole.measure(theta).hits);
      const auto other = pieces.gradient(theta, 1);
      for (std::size_t i = 0; i < gradient.size(); ++i) ASSERT_NEAR(other[i], gradient[i], 1e-14);
    }
  }
}

TEST(CpuDevice, GivesSumsOfZeroForAShardWithoutRows) {
  const Network network = make_network({5, 4, 3}, Activation::tanh, OutputUnit::softmax);
  const Case nothing{network, tests::random_samples(0, 5, 3, ElementType::uint8, 1)};
  Bench bench(nothing, 96);
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
  bench.device().collect_gradient(*gradient);
  EXPECT_EQ(bench.values(*gradient), std::vector<double>(network.parameters(), 0.0));
  bench.device().logits(bench.shard(), at, {});
}

TEST(CpuDevice, LeavesBiasesOutOfThePenalty) {
  // Layers 2-2-1; theta: [b w w] [b w w] [b w w].
  const Network network = make_network({2, 2, 1}, Activation::sigmoid, OutputUnit::sigmoid);
  Bench bench({network, tests::random_samples(3, 2, 1, ElementType::float64, 1)});
  const auto theta = bench.vector({100, 1, 2, 200, 3, 4, 300, 5, 6});
  const auto direction = bench.vector({-100, 1, 1, -200, 1, 1, -300, 2, -1});
  const PenaltyDots dots = bench.device().penalty_dots(*theta, direction.get());
  EXPECT_EQ(dots.weights_weights, 1 + 4 + 9 + 16 + 25 + 36);
  EXPECT_EQ(dots.weights_direction, 1 + 2 + 3 + 4 + 10 - 6);
  EXPECT_EQ(dots.direction_direction, 1 + 1 + 1 + 1 + 4 + 1);
  const PenaltyDots alone = bench.device().penalty_dots(*theta, nullptr);
  EXPECT_EQ(alone.weights_weights, dots.weights_weights);
  EXPECT_EQ(alone.weights_direction, 0.0);

  const auto gradient = bench.vector({8, 8, 8, 8, 8, 8, 8, 8, 8});
  bench.device().finish_gradient({*theta, direction.get(), 2}, 0.25, 0.5, *gradient);
  // Biases 8/4; weights 8/4 + (w + 2 v)/2
  EXPECT_EQ(bench.values(*gradient), (std::vector<double>{2, 3.5, 4, 2, 4.5, 5, 2, 6.5, 4}));
  bench.device().finish_gradient({*theta}, 1, 1, *gradient);
  EXPECT_EQ(bench.values(*gradient), (std::vector<double>{2, 4.5, 6, 2, 7.5, 9, 2, 11.5, 10}));
}

TEST(CpuDevice, SumsGradientsOverRanksThroughTheFunctionItWasGiven) {
  const Network network = make_network({5, 4, 3}, Activation::tanh, OutputUnit::softmax);
  const Case made_of{network, tests::random_samples(rows, 5, 3, ElementType::uint8, 1)};
  const auto theta = random_vector(network.parameters(), 1);
  const auto gradient_with = [&](SumOverRanks sum, std::uint64_t ranks) {
    const auto device = make_cpu_device(network, std::move(sum));
    SetFacts facts = tests::facts_of(made_of.samples, chunk_rows);
    facts.chunks *= ranks;
    const auto shard = device->hold(tests::shard_of(made_of.samples), facts);
    const auto point = device->space().zero();
    const auto gradient = device->space().zero();
    device->upload(theta, *point);
    device->project(*shard, *point);
    (void)device->sum_gradient(*shard, {*point});
    device->collect_gradient(*gradient);
    std::vector<double> values(network.parameters());
    device->download(*gradient, values);
    return values;
  };
  const auto alone = gradient_with([](auto) {}, 4);
  const auto four_times = gradient_with(
      [](auto values) {
        for (auto& value : values) value *= 4;  // four ranks that hold the same
      },
      4);
  // A power of two: exact in every step.
  for (std::size_t i = 0; i < alone.size(); ++i) EXPECT_EQ(four_times[i], 4 * alone[i]);
}

TEST(CpuDevice, GivesTheSameBitsOnAnyNumberOfThreads) {
  for (const Case& made_of : all_cases()) {
    SCOPED_TRACE(made_of.name());
    const auto theta = random_vector(made_of.network.parameters(), 12);
    Bench one(made_of, 5);
    const auto gradient = one.gradient(theta, 1);
    for (const int threads : {2, 3, 8}) {
      Bench several(made_of, 5, {.threads = threads});
      EXPECT_EQ(several.cost(theta, 1), one.cost(theta, 1));
      EXPECT_EQ(several.gradient(theta, 1), gradient);
    }
  }
}

TEST(CpuDevice, SumsPlainlyToTheSameValueUpToRounding) {
  for (const Case& made_of : all_cases()) {
    SCOPED_TRACE(made_of.name());
    const auto theta = random_vector(made_of.network.parameters(), 12);
    Bench exact(made_of, 5);
    Bench plain(made_of, 5, {.deterministic = false});
    const auto gradient = exact.gradient(theta, 1);
    const auto other = plain.gradient(theta, 1);
    // 8 chunks of sums of the size of 1, divided by 37 rows.
    for (std::size_t i = 0; i < gradient.size(); ++i) ASSERT_NEAR(other[i], gradient[i], 1e-14);
  }
}

/// A column 2^40 times smaller than another keeps the digits that floats have.
TEST(CpuDevice, KeepsSmallColumnsBesideLargeOnesInMixedPrecision) {
  const Network network = make_network({2, 3, 2}, Activation::sigmoid, OutputUnit::softmax);
  tests::Samples samples = tests::random_samples(4000, 2, 2, io::ElementType::float32, 7);
  for (std::size_t i = 0; i < samples.rows; ++i) samples.values[2 * i] *= 0x1p-40;
  const std::vector<double> theta = initial_parameters(network, 1.0, 3);
  const auto device = make_cpu_device(network, [](auto) {}, {.precision = Precision::mixed});
  const auto shard = device->hold(tests::shard_of(samples), tests::facts_of(samples, 1));
  const auto at = device->space().zero();
  device->upload(theta, *at);
  device->project(*shard, *at);
  (void)device->sum_gradient(*shard, {*at});
  const auto gradient = device->space().zero();
  device->collect_gradient(*gradient);
  std::vector<double> found(theta.size());
  device->download(*gradient, found);
  const auto expected = tests::reference_cost(network, samples, tests::to_reals(theta), 0).gradient;
  for (std::size_t j = 0; j < 3; ++j) {
    const std::size_t place = network.layers[0].row_length() * j + 1;
    // Terms of at most 2^-40 * 2 each, rounded to floats several times.
    EXPECT_NEAR(found[place], static_cast<double>(4000 * expected[place]),
                4000 * 0x1p-39 * 0x1p-22);
  }
}

TEST(CpuDevice, TurnsFeaturesWithoutAnyEffectOnBits) {
  const Network network = make_network({70, 9, 3}, Activation::sigmoid, OutputUnit::softmax);
  const Case made_of{network, tests::random_samples(1500, 70, 3, ElementType::uint8, 5)};
  const auto theta = random_vector(network.parameters(), 6);
  for (const Precision precision : {Precision::float64, Precision::mixed}) {
    CpuOptions options{.threads = 3, .precision = precision, .bytes = true, .training_rows = 1500};
    const auto as_stored = Bench(made_of, 96, options).gradient(theta, 0.5);
    options.turned_features = true;
    EXPECT_EQ(Bench(made_of, 96, options).gradient(theta, 0.5), as_stored);
  }
}

TEST(CpuDevice, ShowsALossThatIsNotFinite) {
  const Network network = make_network({2, 2, 2}, Activation::relu, OutputUnit::softmax);
  Bench bench({network, tests::random_samples(5, 2, 2, ElementType::float64, 1)});
  std::vector<double> theta(network.parameters(), 1e200);
  for (std::size_t i = 6; i < theta.size(); ++i) theta[i] = i % 2 == 0 ? 1e200 : -1e200;
  EXPECT_FALSE(std::isfinite(bench.measure(theta).loss.value()));
}

TEST(CpuDevice, ReportsTheMemoryOfRowsAndCarriedValues) {
  const Network network = make_network({5, 4, 3}, Activation::tanh, OutputUnit::softmax);
  Bench bench({network, tests::random_samples(rows, 5, 3, ElementType::float32, 1)});
  // Features, labels, and Z and D of four units.
  EXPECT_EQ(bench.shard().bytes(), rows * (5 * 4 + 4 + 2 * 4 * 8));
  EXPECT_TRUE(bench.device().description().starts_with("CPU")) << bench.device().description();
}

}  // namespace
}  // namespace annmpi::model
