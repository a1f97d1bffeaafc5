#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/network/work.hpp"

namespace annmpi::network {
namespace {

Network network_of(const std::vector<std::int64_t>& sizes) {
  return network::make_network(sizes, config::Activation::sigmoid, config::OutputUnit::sigmoid);
}

TEST(Work, OfAPassIsAMultiplicationAndAnAdditionPerWeightOfTheFirstLayer) {
  const network::Network galaxies = network_of({1024, 8, 3});
  EXPECT_EQ(network::pass_work(galaxies, 1).operations, 2 * 1024 * 8);
  EXPECT_EQ(network::pass_work(galaxies, 1).feature_bytes, 1024);
  EXPECT_EQ(network::pass_work(galaxies, 8).feature_bytes, 8192);
}

TEST(Work, AboveTheFirstLayerCountsEveryProduct) {
  const network::Network network = network_of({10, 7, 5, 3});
  const double product = 2 * (7 * 5 + 5 * 3);
  EXPECT_EQ(network::upper_work(network).operations, product);
  // z_1 + s dz_1 for 7 units; a W^T, da W^T, a V^T.
  EXPECT_EQ(network::trial_work(network).operations, 2 * 7 + 3 * product);
  EXPECT_EQ(network::trial_work(network).feature_bytes, 0);
  // Forward, delta W and delta^T a, and delta^T x in the first layer.
  EXPECT_EQ(network::gradient_work(network, 4).operations, 2 * 7 + 3 * product + 2 * 10 * 7);
  EXPECT_EQ(network::gradient_work(network, 4).feature_bytes, 40);
}

TEST(Work, OfANetworkWithoutHiddenLayersIsThePass) {
  const network::Network network = network_of({10, 3});
  EXPECT_EQ(network::upper_work(network).operations, 0);
  EXPECT_EQ(network::trial_work(network).operations, 2 * 3);
}

}  // namespace
}  // namespace annmpi::network
