#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "optimizer/bracket_and_zoom.hpp"
#include "optimizer/lines.hpp"

namespace annmpi {
namespace {

using tests::parabola;
using tests::run_search;
using tests::start_of;
using Kind = LineAnswer::Kind;

TEST(BracketAndZoom, CandidatesSatisfyTheWolfeConditions) {
  // Function 1 of More and Thuente needs doublings from short steps, function 4 needs the zoom.
  for (const int function : {1, 4}) {
    const auto line = [&](double s) { return tests::more_thuente_function(function, s); };
    const WolfeConditions wolfe{0.001, 0.1};
    const LineTrial start = start_of(line);
    for (const double first_step : {1e-2, 1e-1, 1.0, 10.0}) {
      SCOPED_TRACE(testing::Message() << "function " << function << " from " << first_step);
      BracketAndZoom search(wolfe, start, first_step);
      const auto record = run_search(search, line);
      ASSERT_EQ(record.end.kind, Kind::candidate);
      const Probe end = line(record.end.step);
      EXPECT_LE(end.cost, start.cost + wolfe.c1 * record.end.step * start.slope);
      EXPECT_LE(std::abs(end.slope), wolfe.c2 * std::abs(start.slope));
    }
  }
}

TEST(BracketAndZoom, InterpolatesAParabolaExactly) {
  BracketAndZoom search({}, start_of(parabola), 4.0);
  const auto record = run_search(search, parabola);
  ASSERT_EQ(record.trials.size(), 2U);
  EXPECT_EQ(record.trials[1].step, 1.0);  // exact: all figures on the way are small integers
}

TEST(BracketAndZoom, FailsAfterTenDoublingsAndATestOfTheLastPoint) {
  const auto slide = [](double s) { return Probe{-s, -1.0}; };
  BracketAndZoom search({}, start_of(slide), 1.0);
  const auto record = run_search(search, slide);
  EXPECT_EQ(record.end.kind, Kind::failed);
  ASSERT_EQ(record.trials.size(), 11U);
  EXPECT_EQ(record.trials.back().step, 1024.0);
}

TEST(BracketAndZoom, AcceptsThePointAfterTheLastDoubling) {
  const auto late = [](double s) { return Probe{-s, s < 1024.0 ? -1.0 : 0.0}; };
  BracketAndZoom search({}, start_of(late), 1.0);
  const auto record = run_search(search, late);
  EXPECT_EQ(record.end.kind, Kind::candidate);
  EXPECT_EQ(record.end.step, 1024.0);
}

TEST(BracketAndZoom, FailsAfterTenRefinements) {
  const auto kink = [](double s) { return Probe{std::abs(s - 0.3), s < 0.3 ? -1.0 : 1.0}; };
  BracketAndZoom search({}, start_of(kink), 1.0);
  const auto record = run_search(search, kink);
  EXPECT_EQ(record.end.kind, Kind::failed);
  EXPECT_EQ(record.trials.size(), 12U);  // the first step, the first in the bracket, ten more
}

TEST(BracketAndZoom, KeepsAMarginFromALowEndOnTheRight) {
  // At step 1 the cost is lower and rises: the bracket is [0, 1] with its low end on the right.
  // The parabola's minimum lies at 1 - 0.15 / (2 * 0.95) = 0.921, nearer than 0.1 to that end, so
  // the middle is tried. (With the signed width as margin 0.921 would pass.)
  BracketAndZoom search({1e-4, 0.1}, {0.0, 0.0, -1.0}, 1.0);
  ASSERT_EQ(search.first().step, 1.0);
  const LineAnswer answer = search.advance({1.0, -0.8, 0.15});
  EXPECT_EQ(answer.kind, Kind::try_step);
  EXPECT_EQ(answer.step, 0.5);
}

TEST(BracketAndZoom, StaysInTheBracketForArbitraryTrials) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  for (int round = 0; round < 2000; ++round) {
    // First trial: lower and rising, so that the low end is on the right; then anything at all.
    BracketAndZoom search({1e-4, 1e-3}, {0.0, 0.0, -1.0}, 1.0);
    LineAnswer answer = search.advance({1.0, -0.5, 0.5});
    // The first interpolation keeps a tenth of the bracket's width from its ends.
    ASSERT_GE(answer.step, 0.1);
    ASSERT_LE(answer.step, 0.9);
    while (answer.kind != Kind::failed) {
      if (answer.kind == Kind::candidate) {
        answer = search.reject();
        continue;
      }
      ASSERT_GT(answer.step, 0.0);
      ASSERT_LT(answer.step, 1.0);
      answer = search.advance({answer.step, uniform(random), uniform(random)});
    }
  }
}

TEST(BracketAndZoom, TestsTheSlopeOnlyAfterSufficientDecrease) {
  // Flat, but higher than the start: no candidate.
  BracketAndZoom search({}, {0.0, 0.0, -1.0}, 1.0);
  EXPECT_EQ(search.advance({1.0, 0.5, 0.0}).kind, Kind::try_step);
}

TEST(BracketAndZoom, DoublesAgainAfterARejectionWhereTheCostFalls) {
  BracketAndZoom search({}, {0.0, 0.0, -1.0}, 1.0);
  ASSERT_EQ(search.advance({1.0, -0.8, -0.1}).kind, Kind::candidate);
  const LineAnswer answer = search.reject();
  EXPECT_EQ(answer.kind, Kind::try_step);
  EXPECT_EQ(answer.step, 2.0);
}

TEST(BracketAndZoom, ZoomsAfterARejectionWhereTheCostRises) {
  BracketAndZoom search({}, {0.0, 0.0, -1.0}, 1.0);
  ASSERT_EQ(search.advance({1.0, -0.3, 0.3}).kind, Kind::candidate);
  const LineAnswer answer = search.reject();
  EXPECT_EQ(answer.kind, Kind::try_step);
  // The parabola through the low end: 1 - 0.3 / (2 * (0.3 + 0.3)).
  EXPECT_DOUBLE_EQ(answer.step, 0.75);
}

TEST(BracketAndZoom, RefinesAfterARejectionInTheZoom) {
  BracketAndZoom search({}, start_of(parabola), 4.0);
  ASSERT_EQ(search.advance({4.0, 4.0, 3.0}).step, 1.0);
  ASSERT_EQ(search.advance({1.0, -0.5, 0.0}).kind, Kind::candidate);
  const LineAnswer answer = search.reject();
  EXPECT_EQ(answer.kind, Kind::try_step);
  // A slope of 0 counts as rising: the bracket is [0, 1] now, all curves have their minimum at its
  // end, and the middle is left.
  EXPECT_EQ(answer.step, 0.5);
}

TEST(BracketAndZoom, FailsWithoutDescentOrStep) {
  EXPECT_EQ(BracketAndZoom({}, {0.0, 1.0, 0.0}, 1.0).first().kind, Kind::failed);
  EXPECT_EQ(BracketAndZoom({}, {0.0, 1.0, -1.0}, 0.0).first().kind, Kind::failed);
}

}  // namespace
}  // namespace annmpi
