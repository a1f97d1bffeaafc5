#pragma once

#include <span>

/// Elementary functions on spans of doubles. `out` has the length of `x` and may be the same span;
/// they must not overlap otherwise.
///
/// Each result depends on its argument alone and has the same bits on every SIMD target: only
/// correctly rounded operations are used. Errors are given in units in the last place (ulp) of the
/// correct result, over the whole range including subnormal numbers; tests check these bounds. NaN
/// gives NaN. Nothing is allocated.
namespace annmpi::device::cpu::kernels {

/// e^x, within 1.25 ulp; 0 and infinity beyond the range of doubles.
void exp(std::span<const double> x, std::span<double> out);

/// 1 / (1 + e^-x), within 2.25 ulp; for x < -708 the subnormal e^x, then 0.
void sigmoid(std::span<const double> x, std::span<double> out);

/// tanh x, within 3 ulp; keeps the sign of zero.
void tanh(std::span<const double> x, std::span<double> out);

/// log(1 + e^-|x|) = softplus(x) - max(x, 0), within 2 ulp.
void softplus_tail(std::span<const double> x, std::span<double> out);

/// log x for finite x >= 1, within 2 ulp; NaN for infinity.
void log_from_one(std::span<const double> x, std::span<double> out);

/// erf x, within 1.5 ulp; keeps the sign of zero.
void erf(std::span<const double> x, std::span<double> out);

/// e^x - 1 for x <= 0, within 1.5 ulp.
void expm1_of_negative(std::span<const double> x, std::span<double> out);

}  // namespace annmpi::device::cpu::kernels
