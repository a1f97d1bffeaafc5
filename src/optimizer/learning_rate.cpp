#include "annmpi/optimizer/learning_rate.hpp"

#include <algorithm>
#include <numbers>

namespace annmpi {
namespace {

/// (1 + cos(pi p)) / 2 = 1 - sin(pi p / 2)^2 for p in [0, 1], the sine by its series.
double half_cosine(double p) {
  const double x = std::numbers::pi / 2 * p;
  double term = x;
  double sine = x;
  for (int n = 3; n <= 25; n += 2) {
    term *= -x * x / ((n - 1) * n);
    sine += term;
  }
  return 1 - sine * sine;
}

}  // namespace

double whole_power(double x, std::int64_t n) {
  double power = 1;
  for (; n > 0; n >>= 1, x *= x)
    if ((n & 1) != 0) power *= x;
  return power;
}

double LearningRate::at(std::int64_t step) const {
  const auto t = static_cast<double>(step);
  const auto in_epoch = static_cast<double>(steps_per_epoch);
  const double warmup = warmup_epochs * in_epoch;
  if (t < warmup) return base * std::min(1.0, (t + 1) / warmup);
  switch (schedule) {
    case rules::Schedule::constant:
      break;
    case rules::Schedule::step:
      return base * whole_power(step_factor, static_cast<std::int64_t>(t / in_epoch / step_epochs));
    case rules::Schedule::cosine: {
      const double all = static_cast<double>(epochs) * in_epoch;
      const double part = std::min(1.0, (t - warmup) / (all - warmup));
      return base * (final_factor + (1 - final_factor) * half_cosine(part));
    }
  }
  return base;
}

}  // namespace annmpi
