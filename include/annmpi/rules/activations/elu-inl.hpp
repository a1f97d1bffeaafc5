// elu: z, or e^z - 1 for z < 0 (D.-A. Clevert et al. 2016, ICLR; alpha = 1)

#if defined(ANNMPI_RULES_ELU_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_ELU_INL
#undef ANNMPI_RULES_ELU_INL
#else
#define ANNMPI_RULES_ELU_INL
#endif

#include "annmpi/rules/elementary-inl.hpp"

ANNMPI_FORMULAS_BEGIN

struct Elu {
  static constexpr bool needs_argument = false;
  static ANNMPI_FORMULA double largest_value(double most) { return most < 1 ? 1 : most; }
  static ANNMPI_FORMULA double largest_derivative(double) { return 1; }

  template <class V>
  static ANNMPI_FORMULA V value(V z) {
    return select(z < constant<V>(0), expm1_of_negative(z), z);
  }
  template <class V>
  static ANNMPI_FORMULA V times_derivative(V, V a, V factor) {
    const V one = constant<V>(1);
    return select(a < constant<V>(0), a + one, one) * factor;
  }
};

ANNMPI_FORMULAS_END

#endif
