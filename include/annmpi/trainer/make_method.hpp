#pragma once

#include <memory>

#include "annmpi/base/decide.hpp"
#include "annmpi/base/objective.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/model/network.hpp"
#include "annmpi/optimizer/method.hpp"

namespace annmpi::trainer {

/// The method that a configuration asks for. `objective` must outlive it.
[[nodiscard]] std::unique_ptr<Method> make_method(const config::Configuration::Optimizer& optimizer,
                                                  Objective& objective, Decide decide);

/// Whether trials along a line are to compute cost and slope alone. L-BFGS accepts most of its
/// first trials: with their gradients nothing is computed twice.
[[nodiscard]] bool trials_by_tangent(config::OptimizerKind kind, const model::Network& network);

}  // namespace annmpi::trainer
