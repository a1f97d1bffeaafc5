// gelu: z Phi(z), Phi the distribution function of the standard normal distribution
// (D. Hendrycks and K. Gimpel 2016, arXiv:1606.08415), by erf and not its approximation by tanh

#if defined(ANNMPI_RULES_GELU_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_GELU_INL
#undef ANNMPI_RULES_GELU_INL
#else
#define ANNMPI_RULES_GELU_INL
#endif

#include "annmpi/rules/elementary-inl.hpp"

ANNMPI_FORMULAS_BEGIN

struct Gelu {
  static constexpr bool needs_argument = true;
  static ANNMPI_FORMULA double largest_value(double most) { return most; }
  static ANNMPI_FORMULA double largest_derivative(double) { return 1.13; }

  template <class V>
  static ANNMPI_FORMULA V value(V z) {
    return z * distribution(z);
  }
  template <class V>
  static ANNMPI_FORMULA V times_derivative(V z, V, V factor) {
    using T = Number<V>;
    const V half = constant<V>(static_cast<T>(0.5));
    const V inverse_root = constant<V>(static_cast<T>(0.39894228040143268));  // 1 / sqrt(2 pi)
    const V density = inverse_root * decay(half * z * z);
    return fused(z, density, distribution(z)) * factor;
  }

  /// Phi(z) = (1 + erf(z / sqrt(2))) / 2
  template <class V>
  static ANNMPI_FORMULA V distribution(V z) {
    using T = Number<V>;
    const V half = constant<V>(static_cast<T>(0.5));
    return fused(half, erf(z * constant<V>(static_cast<T>(0.70710678118654752))), half);
  }
};

ANNMPI_FORMULAS_END

#endif
