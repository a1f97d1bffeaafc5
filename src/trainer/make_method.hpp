#pragma once

#include <memory>

#include "annmpi/base/decide.hpp"
#include "annmpi/base/objective.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/network/network.hpp"
#include "annmpi/optimizer/method.hpp"

namespace annmpi::trainer {

/// The method that a configuration asks for. `objective` must outlive it.
[[nodiscard]] std::unique_ptr<Method> make_method(const config::Configuration::Optimizer& optimizer,
                                                  Objective& objective, Decide decide);

/// Whether trials along a line are to compute cost and slope alone. L-BFGS accepts most of its
/// first trials (19 of 20 on the digits, 17 of 20 on the galaxies), with their gradients: cost and
/// slope alone pay only where the layers above the first one are next to nothing beside it, less
/// than 1 %. A matter of kind and shapes, so that all ranks compute the same.
[[nodiscard]] bool trials_by_tangent(config::OptimizerKind kind, const network::Network& network);

}  // namespace annmpi::trainer
