#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "optimizer/line_search.hpp"
#include "optimizer/lines.hpp"

namespace annmpi {
namespace {

using tests::parabola;
using Kind = LineAnswer::Kind;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// A line search on one line, step by step.
template <class Line>
struct SearchRun {
  SearchRun(Line function, double first_step, LineSearchOptions options = {})
      : line(function), search(options, line(0.0).cost, line(0.0).slope, first_step) {
    answer = search.first();
    go();
  }

  void reject() {
    answer = search.reject();
    go();
  }

  void go() {
    while (answer.kind == Kind::try_step) {
      steps.push_back(answer.step);
      answer = search.advance(line(answer.step));
    }
  }

  Line line;
  LineSearch search;
  LineAnswer answer{};
  std::vector<double> steps;
};

/// Falls to a kink at 1.6 where the slope jumps from -1 to 1.5; beyond it a smooth hollow with its
/// minimum -1.6 at 2.6. The first search closes in on the kink, the second doubles past it.
Probe kink_then_hollow(double s) {
  const Probe kink = s < 1.6 ? Probe{-s, -1.0} : Probe{-1.6 + 1.5 * (s - 1.6), 1.5};
  const Probe hollow{1.45 * (s - 2.6) * (s - 2.6) - 1.6, 2.9 * (s - 2.6)};
  return kink.cost < hollow.cost ? kink : hollow;
}

TEST(LineSearch, GuessesTheFirstStepAsSciPyDoes) {
  EXPECT_DOUBLE_EQ(first_step_guess(1.0, 1.2, -2.0), 1.01 * 2 * 0.1);
  EXPECT_EQ(first_step_guess(1.0, 5.0, -2.0), 1.0);  // not beyond 1
  EXPECT_EQ(first_step_guess(1.2, 1.0, -2.0), 1.0);  // negative: the cost has risen
  EXPECT_EQ(first_step_guess(1.0, 1.0, 0.0), 1.0);   // 0 / 0
  EXPECT_EQ(first_step_guess(1.0, 1.0, -2.0), 0.0);  // the cost no longer changes
  EXPECT_EQ(first_step_guess(1.0, infinity, 2.0), 1.0);
}

TEST(LineSearch, ReturnsTheCandidateOfTheFirstSearch) {
  const SearchRun run(parabola, 1.0);
  EXPECT_EQ(run.answer.kind, Kind::candidate);
  EXPECT_EQ(run.answer.step, 1.0);
  EXPECT_EQ(run.steps.size(), 1U);
}

TEST(LineSearch, FallsBackOnTheSecondSearchWhenTheFirstFails) {
  MoreThuente first({}, tests::start_of(kink_then_hollow), 1.0);
  const auto alone = tests::run_search(first, kink_then_hollow);
  ASSERT_EQ(alone.end.kind, Kind::failed);

  const SearchRun run(kink_then_hollow, 1.0);
  ASSERT_EQ(run.answer.kind, Kind::candidate);
  EXPECT_GT(run.steps.size(), alone.trials.size());
  EXPECT_EQ(run.steps[alone.trials.size()], 1.0);  // from the same first step
  // In the hollow, where the slope is at most c2 = 0.4 of the start's -1: within 0.4 / 2.9.
  EXPECT_NEAR(run.answer.step, 2.6, 0.4 / 2.9);
}

TEST(LineSearch, FallsBackWhenTheFirstSearchReachesItsTrialLimit) {
  // From 1/64 the first search needs several trials; with two it must stop and begin again.
  LineSearchOptions options;
  options.max_trials = 2;
  const SearchRun run(parabola, 1.0 / 64, options);
  ASSERT_EQ(run.answer.kind, Kind::candidate);
  ASSERT_GT(run.steps.size(), 3U);
  EXPECT_EQ(run.steps[2], 1.0 / 64);
  EXPECT_EQ(run.steps[3], 2.0 / 64);  // doublings: this is the second search
}

TEST(LineSearch, StartsTheSecondSearchWhenTheFirstCandidateIsRejected) {
  SearchRun run(parabola, 0.75);
  ASSERT_EQ(run.answer.kind, Kind::candidate);
  ASSERT_EQ(run.steps, std::vector<double>{0.75});
  run.reject();
  // 0.75 is the step of the last trial and is not requested again; as the second search's candidate
  // it is offered once more, at no cost.
  EXPECT_EQ(run.answer.kind, Kind::candidate);
  EXPECT_EQ(run.answer.step, 0.75);
  EXPECT_EQ(run.steps.size(), 1U);
  run.reject();
  EXPECT_EQ(run.steps.at(1), 1.5);
}

TEST(LineSearch, ReturnsTheBestTrialWhenBothSearchesFail) {
  // The minimum is a kink, so no point is flat enough.
  const SearchRun run([](double s) { return Probe{std::abs(s - 0.3), s < 0.3 ? -1.0 : 1.0}; }, 1.0);
  EXPECT_EQ(run.answer.kind, Kind::failed);
  double lowest = 0.3;
  for (const double step : run.steps) lowest = std::min(lowest, std::abs(step - 0.3));
  EXPECT_LT(lowest, 0.3);
  EXPECT_EQ(run.search.best().cost, lowest);
  EXPECT_EQ(run.answer.step, run.search.best().step);
}

TEST(LineSearch, ReturnsStepZeroWhenEveryTrialIsHigher) {
  const SearchRun run([](double s) { return Probe{s, -1.0}; }, 1.0);  // its slope is wrong
  EXPECT_EQ(run.answer.kind, Kind::failed);
  EXPECT_EQ(run.answer.step, 0.0);
  EXPECT_EQ(run.search.best().cost, 0.0);
}

TEST(LineSearch, HalvesATrialThatIsNotFinite) {
  for (const double bad : {infinity, -infinity, std::nan("")}) {
    const SearchRun run([&](double s) { return s < 1.5 ? parabola(s) : Probe{bad, 1.0}; }, 4.0);
    EXPECT_EQ(run.answer.kind, Kind::candidate);
    // 4 and 2 are not finite, 1 is the minimum.
    EXPECT_EQ(run.steps, (std::vector<double>{4.0, 2.0, 1.0})) << bad;
  }
}

TEST(LineSearch, HalvesATrialWhoseSlopeIsNotFinite) {
  const SearchRun run(
      [](double s) {
        return Probe{parabola(s).cost, s < 1.5 ? s - 1.0 : std::nan("")};
      },
      4.0);
  EXPECT_EQ(run.steps, (std::vector<double>{4.0, 2.0, 1.0}));
}

TEST(LineSearch, HalvesTowardsTheBestStepSoFar) {
  // 1 is finite and as steep as the start, so the first search goes to 5, where nothing is finite:
  // (1 + 5) / 2 = 3 is, and flat.
  const auto line = [](double s) {
    return s > 4.0 ? Probe{infinity, 0.0} : Probe{-s, s < 2.5 ? -1.0 : 0.0};
  };
  const SearchRun run(line, 1.0);
  EXPECT_EQ(run.answer.kind, Kind::candidate);
  EXPECT_EQ(run.steps, (std::vector<double>{1.0, 5.0, 3.0}));
}

TEST(LineSearch, FailsAfterThirtyHalvings) {
  const SearchRun run(
      [](double s) {
        return s > 0.0 ? Probe{infinity, 0.0} : Probe{0.0, -1.0};
      },
      1.0);
  EXPECT_EQ(run.answer.kind, Kind::failed);
  EXPECT_EQ(run.answer.step, 0.0);
  EXPECT_EQ(run.steps.size(), 31U);
  EXPECT_EQ(run.steps.back(), std::ldexp(1.0, -30));
}

TEST(LineSearch, CountsHalvingsOverTheWholeLine) {
  // Falls without end up to a wall: each extrapolation runs into it again.
  const SearchRun run(
      [](double s) {
        return s < 1.0 ? Probe{-s, -1.0} : Probe{infinity, 0.0};
      },
      0.1);
  EXPECT_EQ(run.answer.kind, Kind::failed);
  int walls = 0;
  for (const double step : run.steps) walls += step >= 1.0 ? 1 : 0;
  EXPECT_EQ(walls, LineSearch::max_halvings + 1);
  EXPECT_GT(run.answer.step, 0.9);  // close to the wall, and below it
  EXPECT_LT(run.answer.step, 1.0);
}

TEST(LineSearch, FailsAtOnceWithoutDescent) {
  for (const double slope : {0.0, 1.0, std::nan("")}) {
    LineSearch search({}, 1.0, slope, 1.0);
    EXPECT_EQ(search.first().kind, Kind::failed) << slope;
  }
}

}  // namespace
}  // namespace annmpi
