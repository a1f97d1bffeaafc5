// The scalars of a step of an update rule.

#if defined(ANNMPI_RULES_UPDATE_SCALARS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_UPDATE_SCALARS_INL
#undef ANNMPI_RULES_UPDATE_SCALARS_INL
#else
#define ANNMPI_RULES_UPDATE_SCALARS_INL
#endif

#include "annmpi/rules/arithmetic-inl.hpp"
#include "annmpi/rules/parameter_update.hpp"

ANNMPI_FORMULAS_BEGIN

/// Everything in a rule's formula that is equal for all parameters; V is a number, or a vector of
/// equal numbers.
template <class V>
struct UpdateScalars {
  V back;  ///< -rate, over the correction of the first moment
  V momentum;
  V beta1, share1;  ///< share = 1 - beta
  V beta2, share2;
  V widen;  ///< turns sqrt(second moment) into that of the corrected one
  V epsilon;
  V keep;  ///< 1 - decay
  bool has_velocity, nesterov;
};

/// Scalars converted one by one: rounded, or broadcast.
ANNMPI_CALLER
template <class From, class Convert>
ANNMPI_FORMULA auto converted(const UpdateScalars<From>& s, Convert convert) {
  return UpdateScalars<decltype(convert(s.back))>{
      convert(s.back),  convert(s.momentum), convert(s.beta1), convert(s.share1),
      convert(s.beta2), convert(s.share2),   convert(s.widen), convert(s.epsilon),
      convert(s.keep),  s.has_velocity,      s.nesterov};
}

[[nodiscard]] inline UpdateScalars<double> scalars_of(const ParameterUpdate& update) {
  const UpdateConstants& constants = update.constants;
  return {.back = -update.rate / update.correction1,
          .momentum = constants.momentum,
          .beta1 = constants.beta1,
          .share1 = 1 - constants.beta1,
          .beta2 = constants.beta2,
          .share2 = 1 - constants.beta2,
          .widen = 1 / std::sqrt(update.correction2),
          .epsilon = constants.epsilon,
          .keep = 1 - update.decay,
          .has_velocity = constants.momentum != 0,
          .nesterov = constants.nesterov};
}

ANNMPI_FORMULAS_END

#endif
