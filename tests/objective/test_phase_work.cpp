#include <cstddef>

#include <gtest/gtest.h>

#include "annmpi/objective/phase_work.hpp"

#include "support/headers.hpp"

namespace annmpi::objective {
namespace {

TEST(PhaseWork, IsARowsWorkTimesTheRanksRows) {
  const network::Network network =
      network::make_network({1024, 8, 3}, config::Activation::sigmoid, config::OutputUnit::sigmoid);
  data::DataSets sets_of_files;
  sets_of_files.training = tests::header_of(2700, 1024, io::ElementType::uint8);
  sets_of_files.monitored = tests::header_of(675, 1024, io::ElementType::float32);
  const data::DealtSets sets = data::deal(sets_of_files, 0, network.parameters(), 1);
  const PhaseWork work = work_of_phases(network, sets, 0, true);
  const auto of = [&](Phase phase) { return work[static_cast<std::size_t>(phase)]; };
  EXPECT_EQ(of(Phase::aim).operations, (2700.0 + 675) * 2 * 1024 * 8);
  EXPECT_EQ(of(Phase::aim).feature_bytes, 2700.0 * 1024 + 675.0 * 4096);
  EXPECT_EQ(of(Phase::project).operations, 2700.0 * 2 * 1024 * 8);
  EXPECT_EQ(of(Phase::trials).operations, 2700.0 * (2 * 8 + 6 * 8 * 3));
  EXPECT_EQ(of(Phase::gradient).operations, 2700.0 * (2 * 1024 * 8 + 2 * 8 + 6 * 8 * 3));
  EXPECT_EQ(of(Phase::monitor).operations, 675.0 * 2 * 8 * 3);
  for (const Phase phase : {Phase::load, Phase::reduce, Phase::wait, Phase::update, Phase::output})
    EXPECT_EQ(of(phase).operations, 0);
  const PhaseWork by_gradient = work_of_phases(network, sets, 0, false);
  EXPECT_EQ(by_gradient[static_cast<std::size_t>(Phase::trials)].operations,
            of(Phase::gradient).operations);
}

}  // namespace
}  // namespace annmpi::objective
