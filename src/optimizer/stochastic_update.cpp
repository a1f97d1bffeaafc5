#include "annmpi/optimizer/stochastic_update.hpp"

namespace annmpi {

ParameterUpdate StochasticMethod::at(std::int64_t step) const {
  ParameterUpdate update{.method = method,
                         .rate = rate.at(step),
                         .penalty = penalty,
                         .clip_norm = clip_norm,
                         .momentum = momentum,
                         .nesterov = nesterov};
  if (method != ParameterUpdate::Method::adam) return update;
  update.beta1 = beta1;
  update.beta2 = beta2;
  update.epsilon = epsilon;
  update.correction1 = 1 - whole_power(beta1, step + 1);
  update.correction2 = 1 - whole_power(beta2, step + 1);
  update.decay = update.rate * weight_decay;
  return update;
}

}  // namespace annmpi
