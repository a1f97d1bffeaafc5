#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/comm/mpi_session.hpp"

#include "support/world.hpp"

namespace annmpi::comm {
namespace {

using tests::world;

/// The text of the AgreedError that `action` throws; "none" if it throws nothing. Any other
/// exception ends the test program.
template <class Action>
std::string agreed_text(Action&& action) {
  try {
    action();
  } catch (const AgreedError& error) {
    return error.what();
  }
  return "none";
}

/// Throws on the ranks that `troubled` selects.
template <class Troubled>
std::string agreed_text_where(Troubled&& troubled) {
  return agreed_text([&] {
    world().all_agree(
        [&] { require(!troubled(world().rank()), "part {}.h5: cannot be read", world().rank()); });
  });
}

TEST(AllAgree, ReturnsWhatEachRankComputed) {
  EXPECT_EQ(world().all_agree([] { return 10 * world().rank(); }), 10 * world().rank());
  // Move-only results.
  const auto owned = world().all_agree([] { return std::make_unique<int>(7); });
  EXPECT_EQ(*owned, 7);
  EXPECT_EQ(agreed_text_where([](int) { return false; }), "none");
}

TEST(AllAgree, ReportsTheErrorOfOneRankOnAllWithItsRankAndHost) {
  // A middle rank if there is one, the last of two, or the only one.
  const int culprit = world().size() / 2;
  const std::string text = agreed_text_where([&](int rank) { return rank == culprit; });
  // An error of rank 0 carries no rank: it is printed as that of the program.
  const std::string expected =
      culprit == 0 ? "part 0.h5: cannot be read"
                   : fmt::format("part {}.h5: cannot be read (seen by rank {} on {})", culprit,
                                 culprit, host_name());
  EXPECT_EQ(text, expected);
}

TEST(AllAgree, ReportsTheErrorOfTheLowestRank) {
  const std::string text = agreed_text_where([](int rank) { return rank >= 1; });
  const std::string expected =
      world().size() == 1
          ? "none"
          : fmt::format("part 1.h5: cannot be read (seen by rank 1 on {})", host_name());
  EXPECT_EQ(text, expected);
}

TEST(AllAgree, NamesNoRankWhereAllSeeTheSame) {
  const std::string text = agreed_text(
      [] { world().all_agree([] { throw Error("data.train: no such file; give another"); }); });
  EXPECT_EQ(text, "data.train: no such file; give another");
}

TEST(AllAgree, CountsLackOfMemoryAsForeseen) {
  const int culprit = world().size() - 1;
  const std::string text = agreed_text([&] {
    world().all_agree([&] {
      if (world().rank() == culprit) throw std::bad_alloc();
    });
  });
  EXPECT_TRUE(
      text.starts_with("not enough memory for this rank's share of the rows; use more ranks"))
      << text;
  if (world().size() == 1) return;
  EXPECT_TRUE(text.ends_with(fmt::format("(seen by rank {} on {})", culprit, host_name()))) << text;
}

TEST(AllAgree, LetsFaultsPassThatNobodyForesaw) {
  // Thrown on all ranks here, so that no rank waits for another.
  EXPECT_THROW(world().all_agree([] { throw std::logic_error("a fault"); }), std::logic_error);
}

TEST(AllAgree, WorksAgainAfterAnError) {
  for (int round = 0; round < 3; ++round)
    EXPECT_NE(agreed_text_where([&](int rank) { return rank == round % world().size(); }), "none");
  EXPECT_EQ(agreed_text_where([](int) { return false; }), "none");
}

TEST(AllAgree, NestsSinceAgreedErrorsAreErrors) {
  const std::string text = agreed_text([] {
    world().all_agree([] { world().all_agree([] { throw Error("the inner text; mend it"); }); });
  });
  EXPECT_EQ(text, "the inner text; mend it");
}

TEST(OnRoot, RunsOnRank0AndReportsItsErrorOnAll) {
  int calls = 0;
  world().on_root([&] { ++calls; });
  EXPECT_EQ(calls, world().is_root() ? 1 : 0);
  const std::string text =
      agreed_text([] { world().on_root([] { throw Error("runs/a: is full; free space"); }); });
  EXPECT_EQ(text, "runs/a: is full; free space");
}

}  // namespace
}  // namespace annmpi::comm
