// sigmoid: 1 / (1 + e^-z)

#if defined(ANNMPI_RULES_SIGMOID_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_SIGMOID_INL
#undef ANNMPI_RULES_SIGMOID_INL
#else
#define ANNMPI_RULES_SIGMOID_INL
#endif

#include "annmpi/rules/elementary-inl.hpp"

ANNMPI_FORMULAS_BEGIN

struct Sigmoid {
  static constexpr bool needs_argument = false;
  static ANNMPI_FORMULA double largest_value(double) { return 1; }
  static ANNMPI_FORMULA double largest_derivative(double) { return 0.25; }

  template <class V>
  static ANNMPI_FORMULA V value(V z) {
    return sigmoid(z);
  }
  template <class V>
  static ANNMPI_FORMULA V times_derivative(V, V a, V factor) {
    return a * (constant<V>(1) - a) * factor;
  }
};

ANNMPI_FORMULAS_END

#endif
