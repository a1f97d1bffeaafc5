// The update rules: a struct of facts and formulas each, and the choice among them.
//
//   defaults                where a configuration does not set them
//   corrects_moments        whether ParameterUpdate has corrections of the moments, else 1
//   uses(key)               whether a key of the configuration has an effect, of those that belong
//                           to some of the rules only
//   states(constants)       number of state vectors, at most 2; zeros at first
//   moved(s, w, g, state)   the parameter w moved by its gradient g and the scalars s of the step;
//                           state[0] and state[1] are its elements of the state, to be replaced

#if defined(ANNMPI_RULES_UPDATES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_UPDATES_INL
#undef ANNMPI_RULES_UPDATES_INL
#else
#define ANNMPI_RULES_UPDATES_INL
#endif

#include "annmpi/rules/update_rule.hpp"
#include "annmpi/rules/updates/adagrad-inl.hpp"
#include "annmpi/rules/updates/adam-inl.hpp"
#include "annmpi/rules/updates/lion-inl.hpp"
#include "annmpi/rules/updates/rmsprop-inl.hpp"
#include "annmpi/rules/updates/sgd-inl.hpp"

ANNMPI_FORMULAS_BEGIN

/// work(rule) with the struct of an update rule.
ANNMPI_CALLER
template <class Work>
ANNMPI_FORMULA auto with_update_rule(UpdateRule rule, Work&& work) {
  switch (rule) {
    case UpdateRule::sgd:
      return work(Sgd());
    case UpdateRule::adam:
      return work(Adam());
    case UpdateRule::adagrad:
      return work(Adagrad());
    case UpdateRule::rmsprop:
      return work(Rmsprop());
    case UpdateRule::lion:
      return work(Lion());
  }
  ANNMPI_UNREACHABLE
}

ANNMPI_FORMULAS_END

#endif
