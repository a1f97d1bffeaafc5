#pragma once

#include "annmpi/config/configuration.hpp"
#include "annmpi/optimizer/conjugate_gradient.hpp"

namespace annmpi::trainer {

/// What a configuration says to conjugate gradients.
[[nodiscard]] inline ConjugateGradientOptions optimizer_options(
    const config::Configuration::Optimizer& optimizer) {
  return {.gradient_tolerance = optimizer.gradient_tolerance,
          .gradient_norm = optimizer.gradient_norm == config::GradientNorm::infinity
                               ? GradientNorm::infinity
                               : GradientNorm::two,
          .c1 = optimizer.c1,
          .c2 = optimizer.c2,
          .max_trials = static_cast<int>(optimizer.max_trials)};
}

}  // namespace annmpi::trainer
