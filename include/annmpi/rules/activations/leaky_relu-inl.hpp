// leaky_relu: z, or 0.01 z for z < 0, with derivative 0.01 at 0

#if defined(ANNMPI_RULES_LEAKY_RELU_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_LEAKY_RELU_INL
#undef ANNMPI_RULES_LEAKY_RELU_INL
#else
#define ANNMPI_RULES_LEAKY_RELU_INL
#endif

#include "annmpi/rules/elementary-inl.hpp"

ANNMPI_FORMULAS_BEGIN

struct LeakyRelu {
  static constexpr bool needs_argument = false;
  static ANNMPI_FORMULA double largest_value(double most) { return most; }
  static ANNMPI_FORMULA double largest_derivative(double) { return 1; }

  template <class V>
  static ANNMPI_FORMULA V value(V z) {
    return select(z < constant<V>(0), slope<V>() * z, z);
  }
  template <class V>
  static ANNMPI_FORMULA V times_derivative(V, V a, V factor) {
    return select(a > constant<V>(0), factor, slope<V>() * factor);
  }

  template <class V>
  static ANNMPI_FORMULA V slope() {
    return constant<V>(static_cast<Number<V>>(0.01));
  }
};

ANNMPI_FORMULAS_END

#endif
