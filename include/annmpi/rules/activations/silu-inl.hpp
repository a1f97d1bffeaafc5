// silu, also swish: z / (1 + e^-z) (S. Elfwing et al. 2018, Neural Networks 107)

#if defined(ANNMPI_RULES_SILU_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_SILU_INL
#undef ANNMPI_RULES_SILU_INL
#else
#define ANNMPI_RULES_SILU_INL
#endif

#include "annmpi/rules/elementary-inl.hpp"

ANNMPI_FORMULAS_BEGIN

struct Silu {
  static constexpr bool needs_argument = true;
  static ANNMPI_FORMULA double largest_value(double most) { return most; }
  static ANNMPI_FORMULA double largest_derivative(double) { return 1.1; }

  template <class V>
  static ANNMPI_FORMULA V value(V z) {
    return z * sigmoid(z);
  }
  template <class V>
  static ANNMPI_FORMULA V times_derivative(V z, V a, V factor) {
    // s + z s (1 - s) with s = sigmoid(z)
    const V s = sigmoid(z);
    return fused(a, constant<V>(1) - s, s) * factor;
  }
};

ANNMPI_FORMULAS_END

#endif
