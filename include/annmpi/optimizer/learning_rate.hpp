#pragma once

#include <cstdint>

#include "annmpi/rules/schedule.hpp"

namespace annmpi {

/// The learning rate of a stochastic method as a function of the step. Uses additions,
/// multiplications and divisions only, so that every machine computes the same bits.
struct LearningRate {
  double base = 0.001;
  rules::Schedule schedule = rules::Schedule::constant;
  std::int64_t steps_per_epoch = 1;
  std::int64_t epochs = 1;
  double warmup_epochs = 0;  ///< epochs over which the rate rises to `base`
  double step_epochs = 10;   ///< rules::Schedule::step: epochs from one drop to the next
  double step_factor = 0.1;  ///< rules::Schedule::step: factor of a drop
  double final_factor = 0;   ///< rules::Schedule::cosine: final rate relative to `base`

  /// The rate of step t = 0, 1, ..., counted over all epochs. With W = warmup_epochs in steps:
  ///
  ///   t < W      base (t + 1) / W     (P. Goyal et al. 2017, arXiv:1706.02677, section 2.2)
  ///   constant   base
  ///   step       base step_factor^k   k = floor(t / (step_epochs in steps))
  ///   cosine     base (f + (1 - f) (1 + cos(pi p)) / 2)   f = final_factor,
  ///              p = (t - W) / (T - W) of T steps in all   (I. Loshchilov and F. Hutter, SGDR,
  ///              ICLR 2017, equation 5, without restarts)
  [[nodiscard]] double at(std::int64_t step) const;
};

/// x^n for n >= 0, by squaring: the same bits on every machine, which std::pow does not promise.
[[nodiscard]] double whole_power(double x, std::int64_t n);

}  // namespace annmpi
