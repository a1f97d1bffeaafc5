#include "trainer/make_method.hpp"

#include <utility>

#include "annmpi/network/work.hpp"
#include "annmpi/optimizer/line_methods.hpp"

namespace annmpi::trainer {
namespace {

DescentOptions descent_options(const config::Configuration::Optimizer& optimizer) {
  return {.gradient_tolerance = optimizer.gradient_tolerance,
          .gradient_norm = optimizer.gradient_norm,
          .c1 = optimizer.c1,
          .c2 = optimizer.c2,
          .max_trials = static_cast<int>(optimizer.max_trials)};
}

}  // namespace

std::unique_ptr<Method> make_method(const config::Configuration::Optimizer& optimizer,
                                    Objective& objective, Decide decide) {
  const DescentOptions descent = descent_options(optimizer);
  if (optimizer.kind == config::OptimizerKind::lbfgs)
    return make_lbfgs(objective, std::move(decide), LbfgsOptions{descent, optimizer.memory});
  return make_conjugate_gradient(objective, std::move(decide), descent);
}

bool trials_by_tangent(config::OptimizerKind kind, const network::Network& network) {
  if (kind == config::OptimizerKind::cg) return network::tangent_trials_pay(network);
  return network::upper_work(network).operations < 0.01 * network::pass_work(network, 1).operations;
}

}  // namespace annmpi::trainer
