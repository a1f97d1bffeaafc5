#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "annmpi/base/phase_times.hpp"

namespace annmpi {
namespace {

using namespace std::chrono_literals;

void sleep() {
  std::this_thread::sleep_for(10ms);
}

double booked(const PhaseTimes& times) {
  double seconds = 0;
  for (const PhaseTimes::Entry& entry : times.entries()) seconds += entry.seconds;
  return seconds;
}

TEST(PhaseTimes, CountsCallsAndBooksAtLeastTheirTime) {
  PhaseTimes times;
  EXPECT_EQ(times.measure(Phase::aim, [] { return 7; }), 7);
  for (int i = 0; i < 2; ++i) times.measure(Phase::trials, sleep);
  EXPECT_EQ(times[Phase::aim].calls, 1);
  EXPECT_EQ(times[Phase::trials].calls, 2);
  EXPECT_GE(times[Phase::trials].seconds, 0.020);
  EXPECT_EQ(times[Phase::load].calls, 0);
}

TEST(PhaseTimes, BookEveryMomentOnceWhereMeasurementsAreNested) {
  PhaseTimes times;
  const auto start = std::chrono::steady_clock::now();
  times.measure(Phase::update, [&] {
    sleep();
    times.measure(Phase::trials, [&] {
      sleep();
      times.measure(Phase::reduce, sleep);
    });
    times.measure(Phase::reduce, sleep);
  });
  times.measure(Phase::output, sleep);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  EXPECT_GE(times[Phase::update].seconds, 0.010);
  EXPECT_GE(times[Phase::trials].seconds, 0.010);
  EXPECT_GE(times[Phase::reduce].seconds, 0.020);
  EXPECT_GE(times[Phase::output].seconds, 0.010);
  // Independent of the machine's load: more than the elapsed time means that time was counted
  // twice. The tolerance is the rounding of a few sums.
  EXPECT_LE(booked(times), elapsed.count() + 1e-12);
}

TEST(PhaseTimes, CloseAMeasurementThatThrows) {
  PhaseTimes times;
  EXPECT_THROW(times.measure(Phase::aim, [&] { times.measure(Phase::trials, [] { throw 1; }); }),
               int);
  EXPECT_EQ(times[Phase::aim].calls, 1);
  EXPECT_EQ(times[Phase::trials].calls, 1);
}

TEST(PhaseTimes, MoveTimeFromOnePhaseToAnother) {
  PhaseTimes times;
  times.measure(Phase::reduce, sleep);
  const double all = times[Phase::reduce].seconds;
  times.move(Phase::reduce, Phase::wait, 0.004, 3);
  EXPECT_EQ(times[Phase::wait].seconds, 0.004);
  EXPECT_EQ(times[Phase::wait].calls, 3);
  EXPECT_NEAR(times[Phase::reduce].seconds, all - 0.004, 1e-15);
  EXPECT_EQ(times[Phase::reduce].calls, 1);
}

}  // namespace
}  // namespace annmpi
