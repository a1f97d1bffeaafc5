#pragma once

#include <memory>

#include "annmpi/base/decide.hpp"
#include "annmpi/base/objective.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/network/network.hpp"
#include "annmpi/optimizer/method.hpp"

namespace annmpi::trainer {

/// Creates the line-search method that the configuration selects. `objective` must outlive it.
[[nodiscard]] std::unique_ptr<Method> make_method(const config::Configuration::Optimizer& optimizer,
                                                  Objective& objective, Decide decide);

/// Whether trials along a line compute only cost and slope, without the gradient. L-BFGS accepts
/// most first trials (19 of 20 on MNIST, 17 of 20 on Galaxy) and then reuses their gradients.
/// There, tangent trials pay only if the layers above the first take less than 1 % of the
/// operations. Depends only on method and layer sizes, so all ranks decide alike.
[[nodiscard]] bool trials_by_tangent(config::OptimizerKind kind, const network::Network& network);

}  // namespace annmpi::trainer
