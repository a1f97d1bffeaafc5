#include "annmpi/optimizer/stochastic_update.hpp"

namespace annmpi {

ParameterUpdate StochasticMethod::at(std::int64_t step) const {
  ParameterUpdate update{.rule = rule,
                         .rate = rate.at(step),
                         .penalty = penalty,
                         .clip_norm = clip_norm,
                         .constants = constants};
  update.decay = update.rate * constants.weight_decay;
  if (!rules::corrects_moments(rule)) return update;
  update.correction1 = 1 - whole_power(constants.beta1, step + 1);
  update.correction2 = 1 - whole_power(constants.beta2, step + 1);
  return update;
}

}  // namespace annmpi
