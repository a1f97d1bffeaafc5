#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "annmpi/data/batch_order.hpp"
#include "annmpi/device/mini_batch_device.hpp"
#include "annmpi/optimizer/stochastic_update.hpp"

#include "support/batch_rows.hpp"

// Results of an independent program with NumPy, in tests/golden/batch_trajectories.json; see
// make_batch_trajectories.py beside it.
namespace annmpi {
namespace {

using nlohmann::json;

const json& reference() {
  static const json file = [] {
    std::ifstream stream(ANNMPI_BATCH_TRAJECTORIES);
    return json::parse(stream);
  }();
  return file;
}

network::Network network_of(const json& run) {
  return network::make_network(
      run["sizes"].get<std::vector<std::int64_t>>(),
      *config::value_named<config::Activation>(run["activation"].get<std::string>()),
      *config::value_named<config::OutputUnit>(run["output"].get<std::string>()));
}

UpdateRule rule_of(const json& run) {
  const auto kind = config::value_named<config::OptimizerKind>(run["kind"].get<std::string>());
  return config::update_rule_of(kind.value()).value();
}

StochasticMethod method_of(const json& run, const data::BatchOrder& order) {
  const std::string schedule = run.value("schedule", "constant");
  StochasticMethod method{.rule = rule_of(run),
                          .rate = {.base = run["learning_rate"],
                                   .schedule = schedule == "cosine" ? rules::Schedule::cosine
                                               : schedule == "step" ? rules::Schedule::step
                                                                    : rules::Schedule::constant,
                                   .steps_per_epoch = static_cast<std::int64_t>(order.steps()),
                                   .epochs = run.value("epochs", 1),
                                   .warmup_epochs = run.value("warmup_epochs", 0.0),
                                   .step_epochs = run.value("step_epochs", 10.0),
                                   .step_factor = run.value("step_factor", 0.1),
                                   .final_factor = run.value("final_factor", 0.0)},
                          .constants = {.momentum = run.value("momentum", 0.0),
                                        .nesterov = run.value("nesterov", false),
                                        .beta1 = run.value("beta1", 0.9),
                                        .beta2 = run.value("beta2", 0.999),
                                        .epsilon = run.value("epsilon", 1e-8),
                                        .weight_decay = run.value("weight_decay", 0.0)},
                          .clip_norm = run.value("clip_norm", 0.0),
                          .penalty = run["l2"].get<double>() / static_cast<double>(order.rows())};
  return method;
}

/// Features of the reference as stored in a file.
struct Rows {
  Rows() {
    for (const auto& row : reference()["features"])
      for (const int value : row) bytes.push_back(static_cast<std::byte>(value));
    labels = reference()["labels"].get<std::vector<std::int32_t>>();
    columns = reference()["features"][0].size();
  }
  std::vector<std::byte> bytes;
  std::vector<std::int32_t> labels;
  std::size_t columns = 0;
};

/// Calls check(step, theta) after each of 50 steps.
template <class Check>
void train(const json& run, const device::DeviceOptions& options, double filled, Check&& check) {
  const Rows rows;
  const data::BatchOrder order(rows.labels.size(), reference()["batch_rows"], reference()["seed"]);
  const network::Network network = network_of(run);
  const auto device = device::make_cpu_mini_batch_device(
      network, {order.batch_rows(), reference()["feature_scale"]}, options);
  const auto held = device->hold(data::HostBlock({0, 0}, rows.columns, io::ElementType::uint8, 1),
                                 {.filled = filled});
  (void)device->draw_batches_from(*held, order);
  tests::set_parameters(*device, run["start"].get<std::vector<double>>());
  const StochasticMethod method = method_of(run, order);
  const std::size_t steps = run["projections"].size();
  for (std::size_t t = 0; t < steps; ++t) {
    const data::Range positions = order.positions(t % order.steps());
    std::vector<const std::byte*> features;
    std::vector<std::int32_t> labels;
    for (std::uint64_t p = positions.begin; p < positions.end; ++p) {
      const std::uint64_t row = order.row_at(t / order.steps(), p);
      features.push_back(rows.bytes.data() + row * rows.columns);
      labels.push_back(rows.labels[row]);
    }
    device->step({io::ElementType::uint8, features, labels},
                 method.at(static_cast<std::int64_t>(t)));
    check(t, tests::parameters_of(*device));
  }
}

double largest(const std::vector<double>& values) {
  double most = 0;
  for (const double value : values) most = std::max(most, std::abs(value));
  return most;
}

class BatchTrajectories : public testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] const json& run() const { return reference()["runs"][GetParam()]; }
};

// The order of sums differs from NumPy's: 50 steps of roundings, for the deepest network here a few
// 1e-15 relative to its largest parameter.
TEST_P(BatchTrajectories, AreThoseOfTheReferenceStepByStep) {
  constexpr double tolerance = 1e-12;
  SCOPED_TRACE(run()["name"].get<std::string>());
  const std::vector<double> onto = reference()["projection"];
  for (const double filled : {0.0, 1.0}) {  // in lists, in panels
    std::size_t compared = 0;
    train(run(), {}, filled, [&](std::size_t t, const std::vector<double>& theta) {
      double projection = 0;
      double magnitudes = 0;
      for (std::size_t i = 0; i < theta.size(); ++i) {
        projection += theta[i] * onto[i];
        magnitudes += std::abs(theta[i] * onto[i]);
      }
      ASSERT_NEAR(projection, run()["projections"][t].get<double>(), tolerance * magnitudes)
          << "after step " << t + 1;
      const std::string step = std::to_string(t + 1);
      if (!run()["theta"].contains(step)) return;
      const std::vector<double> expected = run()["theta"][step];
      ASSERT_EQ(theta.size(), expected.size());
      for (std::size_t i = 0; i < theta.size(); ++i)
        ASSERT_NEAR(theta[i], expected[i], tolerance * largest(expected)) << step << ", " << i;
      ++compared;
    });
    EXPECT_EQ(compared, 7U);
  }
}

// Floats have 24 bits; after 50 steps the parameters still agree to a few units in the last place.
TEST_P(BatchTrajectories, AreNearTheReferenceInMixedPrecision) {
  train(run(), {.precision = config::Precision::mixed}, 0.0,
        [&](std::size_t t, const std::vector<double>& theta) {
          const std::string step = std::to_string(t + 1);
          if (!run()["theta"].contains(step)) return;
          const std::vector<double> expected = run()["theta"][step];
          for (std::size_t i = 0; i < theta.size(); ++i)
            ASSERT_NEAR(theta[i], expected[i], 2e-4 * largest(expected)) << step << ", " << i;
        });
}

TEST_P(BatchTrajectories, HaveTheSameBitsOnAnyNumberOfThreads) {
  for (const auto precision : {config::Precision::float64, config::Precision::mixed}) {
    std::vector<std::vector<double>> alone;
    train(run(), {.precision = precision}, 0.0,
          [&](std::size_t, const std::vector<double>& theta) { alone.push_back(theta); });
    for (const int threads : {2, 3})
      train(run(), {.threads = threads, .precision = precision}, 1.0,
            [&](std::size_t t, const std::vector<double>& theta) {
              ASSERT_EQ(theta, alone[t]) << threads << " threads, step " << t + 1;
            });
  }
}

INSTANTIATE_TEST_SUITE_P(Reference, BatchTrajectories,
                         testing::Range(std::size_t{0}, reference()["runs"].size()));

TEST(Reference, HasEveryUpdateRule) {
  for (std::size_t i = 0; i < rules::update_rule_names.size(); ++i)
    EXPECT_TRUE(std::ranges::any_of(reference()["runs"], [&](const json& run) {
      return rule_of(run) == static_cast<UpdateRule>(i);
    })) << rules::update_rule_names[i];
}

}  // namespace
}  // namespace annmpi
