#pragma once

#include "annmpi/trainer/record.hpp"

namespace annmpi::tests {

/// Iteration 3 of a run, with numbers that need all decimal digits.
inline trainer::Record some_record() {
  return {.iteration = 3,
          .evaluations = 7,
          .seconds = 0.25,
          .training = {.cost = 0.1, .accuracy = 2.0 / 3},
          .monitored = objective::Measurement{.cost = 1.5, .accuracy = 0.5},
          .gradient_norm = 1e-5,
          .step = 1.0 / 3};
}

}  // namespace annmpi::tests
