// relu: max(z, 0), with derivative 0 at 0

#if defined(ANNMPI_RULES_RELU_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_RELU_INL
#undef ANNMPI_RULES_RELU_INL
#else
#define ANNMPI_RULES_RELU_INL
#endif

#include "annmpi/rules/elementary-inl.hpp"

ANNMPI_FORMULAS_BEGIN

struct Relu {
  static constexpr bool needs_argument = false;
  static ANNMPI_FORMULA double largest_value(double most) { return most; }
  static ANNMPI_FORMULA double largest_derivative(double) { return 1; }

  template <class V>
  static ANNMPI_FORMULA V value(V z) {
    const V zero = constant<V>(0);
    return select(z < zero, zero, z);  // not a maximum, which could drop NaN
  }
  template <class V>
  static ANNMPI_FORMULA V times_derivative(V, V a, V factor) {
    const V zero = constant<V>(0);
    return select(a > zero, factor, zero);
  }
};

ANNMPI_FORMULAS_END

#endif
