#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/objective/mixed_ranks.hpp"

#include "support/forwarding_device.hpp"
#include "support/samples.hpp"
#include "support/set_facts.hpp"
#include "support/world.hpp"

namespace annmpi::objective {
namespace {

using tests::world;

network::Network small_network() {
  return network::make_network({6, 5, 3}, config::Activation::tanh, config::OutputUnit::softmax);
}

/// A CPU device that simulates a different kind on each rank: its dots differ by a few roundings.
class KindOfItsOwn : public tests::ForwardingDevice {
 public:
  KindOfItsOwn() : ForwardingDevice(device::make_cpu_device(small_network(), [](auto) {})) {}

  using FullBatchDevice::penalty_dots;
  [[nodiscard]] device::PenaltyDots penalty_dots() override {
    device::PenaltyDots dots = ForwardingDevice::penalty_dots();
    for (int roundings = 0; roundings < world().rank(); ++roundings)
      for (double* dot : {&dots.weights_weights, &dots.weights_direction})
        *dot = std::nextafter(*dot, 1e300);
    return dots;
  }
};

class MixedRanksTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Vector> vector(const device::FullBatchDevice& device,
                                               unsigned seed) {
    auto made = device.space().zero();
    device.space().upload(network::initial_parameters(small_network(), 0.5, seed), *made);
    return made;
  }

  /// The gradient at theta + 0.25 direction, of 100 rows dealt to the ranks.
  [[nodiscard]] std::vector<double> gradient_by(device::FullBatchDevice& device, double penalty,
                                                MixedRanks* mixed = nullptr) {
    const auto samples = tests::random_samples(100, 6, 3, io::ElementType::uint8, 1);
    const std::vector<double> shares{1, 3, 0, 2};
    const data::Partition partition(
        100, 9, std::span(shares).first(static_cast<std::size_t>(world_.size())));
    const auto shard = device.hold(tests::shard_of(samples, partition.rows_of(world_.rank())),
                                   tests::facts_of(samples, 9));
    const auto theta = vector(device, 1), direction = vector(device, 2);
    const device::Point point{*theta, direction.get(), 0.25};
    device.project(*shard, *theta);
    device.aim(*shard, *direction);
    (void)device.sum_gradient(*shard, point);
    const auto gradient = device.space().zero();
    if (mixed != nullptr)
      mixed->finish_gradient(device, point, 0.01, penalty, *gradient);
    else
      device.finish_gradient(point, 0.01, penalty, *gradient);
    std::vector<double> values(small_network().parameters());
    device.space().download(*gradient, values);
    return values;
  }

  comm::Communicator world_ = world();
  KindOfItsOwn own_;
  MixedRanks mixed_{world_, small_network().parameters()};
};

TEST_F(MixedRanksTest, GivesAllRanksTheDotsOfRankZero) {
  const auto theta = vector(own_, 1), direction = vector(own_, 2);
  const auto bits = [](const device::PenaltyDots& dots) {
    return std::bit_cast<std::array<std::uint64_t, 3>>(dots);
  };
  own_.start_penalty_dots(*theta, direction.get());
  for (const auto& mine : world_.allgather(bits(mixed_.penalty_dots(own_))))
    EXPECT_EQ(mine, world_.allgather(bits(own_.penalty_dots()))[0]);
}

TEST_F(MixedRanksTest, AddsTheGradientsOfAllRanksWithOnePenalty) {
  const auto pure =
      device::make_cpu_device(small_network(), [this](auto sums) { world_.sum(sums); });
  for (const double penalty : {0.0, 0.3}) {
    const std::vector<double> expected = gradient_by(*pure, penalty);
    const std::vector<double> gradient = gradient_by(own_, penalty, &mixed_);
    // One extra rounding per rank and one for its scale; elements are below 50.
    for (std::size_t i = 0; i < expected.size(); ++i)
      ASSERT_NEAR(gradient[i], expected[i], 50 * 8 * 1.2e-16) << i;
    EXPECT_EQ(gradient, gradient_by(own_, penalty, &mixed_));
    std::vector<double> largest = gradient, least = gradient;
    world_.max(largest);
    world_.min(least);
    EXPECT_EQ(largest, least);
  }
}

}  // namespace
}  // namespace annmpi::objective
