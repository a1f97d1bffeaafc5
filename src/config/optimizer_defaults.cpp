#include "annmpi/config/configuration.hpp"

namespace annmpi::config {

Configuration::Optimizer Configuration::Optimizer::defaults(OptimizerKind kind) {
  Optimizer optimizer;
  optimizer.kind = kind;
  if (kind == OptimizerKind::lbfgs) optimizer.c2 = 0.9;
  if (const auto rule = update_rule_of(kind)) {
    const rules::UpdateDefaults found = rules::defaults_of(*rule);
    optimizer.learning_rate = found.learning_rate;
    static_cast<rules::UpdateConstants&>(optimizer) = found.constants;
  }
  return optimizer;
}

}  // namespace annmpi::config
