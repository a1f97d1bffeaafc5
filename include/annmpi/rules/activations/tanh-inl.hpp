// tanh: the hyperbolic tangent

#if defined(ANNMPI_RULES_TANH_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_TANH_INL
#undef ANNMPI_RULES_TANH_INL
#else
#define ANNMPI_RULES_TANH_INL
#endif

#include "annmpi/rules/elementary-inl.hpp"

ANNMPI_FORMULAS_BEGIN

struct Tanh {
  static constexpr bool needs_argument = false;
  static ANNMPI_FORMULA double largest_value(double) { return 1; }
  static ANNMPI_FORMULA double largest_derivative(double) { return 1; }

  template <class V>
  static ANNMPI_FORMULA V value(V z) {
    return tanh(z);
  }
  template <class V>
  static ANNMPI_FORMULA V times_derivative(V, V a, V factor) {
    return fused(negative(a), a, constant<V>(1)) * factor;
  }
};

ANNMPI_FORMULAS_END

#endif
