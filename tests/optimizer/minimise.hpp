#pragma once

#include "annmpi/optimizer/method.hpp"

namespace annmpi::tests {

/// Iterates until the outcome is not `moved`.
inline Iteration minimise(Method& method, int max_iterations = 5000) {
  Iteration iteration = method.start();
  while (iteration.outcome == Iteration::Outcome::moved && iteration.iteration < max_iterations)
    iteration = method.iterate();
  return iteration;
}

}  // namespace annmpi::tests
