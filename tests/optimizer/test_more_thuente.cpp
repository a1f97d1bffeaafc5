#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "optimizer/lines.hpp"
#include "optimizer/more_thuente.hpp"

namespace annmpi {
namespace {

using tests::run_search;
using tests::start_of;
using Kind = LineAnswer::Kind;

struct PaperCase {
  int function;
  WolfeConditions wolfe;
  std::array<int, 4> trials;  // from first steps of 1e-3, 1e-1, 1e1, 1e3
};

constexpr std::array<double, 4> first_steps{1e-3, 1e-1, 1e1, 1e3};

// Tables 5.1 to 5.6 of the paper.
const std::array<PaperCase, 6> paper_cases{{{1, {0.001, 0.1}, {6, 3, 1, 4}},
                                            {2, {0.1, 0.1}, {12, 8, 8, 11}},
                                            {3, {0.1, 0.1}, {12, 12, 10, 13}},
                                            {4, {0.001, 0.001}, {4, 1, 3, 4}},
                                            {5, {0.001, 0.001}, {6, 3, 7, 8}},
                                            {6, {0.001, 0.001}, {13, 11, 8, 11}}}};

TEST(MoreThuente, NeedsAsManyTrialsAsInThePaper) {
  for (const auto& paper : paper_cases) {
    const auto line = [&](double s) { return tests::more_thuente_function(paper.function, s); };
    for (std::size_t i = 0; i < first_steps.size(); ++i) {
      SCOPED_TRACE(testing::Message()
                   << "function " << paper.function << " from step " << first_steps[i]);
      MoreThuente search(paper.wolfe, start_of(line), first_steps[i]);
      EXPECT_EQ(run_search(search, line).trials.size(), static_cast<std::size_t>(paper.trials[i]));
    }
  }
}

TEST(MoreThuente, CandidatesSatisfyTheWolfeConditions) {
  for (const auto& paper : paper_cases) {
    const auto line = [&](double s) { return tests::more_thuente_function(paper.function, s); };
    const LineTrial start = start_of(line);
    for (const double first_step : first_steps) {
      SCOPED_TRACE(testing::Message() << "function " << paper.function << " from " << first_step);
      MoreThuente search(paper.wolfe, start, first_step);
      const auto record = run_search(search, line);
      ASSERT_EQ(record.end.kind, Kind::candidate);
      const Probe end = line(record.end.step);
      EXPECT_LE(end.cost, start.cost + paper.wolfe.c1 * record.end.step * start.slope);
      EXPECT_LE(std::abs(end.slope), paper.wolfe.c2 * std::abs(start.slope));
    }
  }
}

TEST(MoreThuente, FailsWithoutDescent) {
  EXPECT_EQ(MoreThuente({}, {0.0, 1.0, 0.0}, 1.0).first().kind, Kind::failed);
  EXPECT_EQ(MoreThuente({}, {0.0, 1.0, 2.0}, 1.0).first().kind, Kind::failed);
  EXPECT_EQ(MoreThuente({}, {0.0, 1.0, std::nan("")}, 1.0).first().kind, Kind::failed);
}

TEST(MoreThuente, FailsForAFirstStepOutsideItsLimits) {
  for (const double step : {0.0, -0.0, -1.0, 1e-101, 1e101, std::nan("")})
    EXPECT_EQ(MoreThuente({}, {0.0, 1.0, -1.0}, step).first().kind, Kind::failed) << step;
}

TEST(MoreThuente, FailsWhenTheBracketHasShrunkToRounding) {
  // The slope jumps from -1 to 1: nowhere is it flat, and the bracket closes on the kink.
  const auto kink = [](double s) { return Probe{std::abs(s - 0.3), s < 0.3 ? -1.0 : 1.0}; };
  MoreThuente search({}, start_of(kink), 1.0);
  const auto record = run_search(search, kink);
  EXPECT_EQ(record.end.kind, Kind::failed);
  // 1e-14 of the bracket's end is its tolerance; it must close in far fewer trials than allowed.
  EXPECT_NEAR(record.end.step, 0.3, 1e-13);
  EXPECT_LT(record.trials.size(), 100U);
}

TEST(MoreThuente, FailsAtTheLongestStepWhenTheCostFallsWithoutEnd) {
  const auto slide = [](double s) { return Probe{-s, -1.0}; };
  MoreThuente search({}, start_of(slide), 1.0);
  const auto record = run_search(search, slide);
  EXPECT_EQ(record.end.kind, Kind::failed);
  EXPECT_EQ(record.trials.back().step, MoreThuente::longest_step);
}

TEST(MoreThuente, HandlesCostsWhoseSquaresOverflow) {
  // Squares of such costs and slopes exceed the largest double.
  const auto steep = [](double s) { return Probe{1e200 * (s - 1) * (s - 1), 2e200 * (s - 1)}; };
  MoreThuente search({}, start_of(steep), 10.0);
  const auto record = run_search(search, steep);
  ASSERT_EQ(record.end.kind, Kind::candidate);
  EXPECT_LE(std::abs(record.end.step - 1.0), 0.4);  // c2 times the distance from 0 to the minimum
}

}  // namespace
}  // namespace annmpi
