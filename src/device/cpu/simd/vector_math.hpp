#pragma once

#include <span>

/// Elementary functions on spans of doubles. `out` has the length of `x` and may be the same span;
/// they must not overlap otherwise.
///
/// A value's result has the same bits wherever it stands and on every SIMD target: they are made of
/// additions, multiplications, divisions and fused multiply-adds, each rounded once. Errors in
/// units in the last place (ulp) of the correct result, over the whole range with subnormal
/// numbers: the largest ones that the tests allow. NaN gives NaN. Nothing is allocated.
namespace annmpi::device::cpu::kernels {

/// e^x, within 1.25 ulp; 0 and infinity beyond the range of doubles.
void exp(std::span<const double> x, std::span<double> out);

/// 1 / (1 + e^-x), within 2.25 ulp; for x < -708 the subnormal e^x, then 0.
void sigmoid(std::span<const double> x, std::span<double> out);

/// tanh x, within 3 ulp; keeps the sign of zero.
void tanh(std::span<const double> x, std::span<double> out);

/// log(1 + e^-|x|), within 2 ulp: what softplus(x) = log(1 + e^x) has on top of max(x, 0).
void softplus_tail(std::span<const double> x, std::span<double> out);

/// log x for finite x >= 1, within 2 ulp; NaN for infinity.
void log_from_one(std::span<const double> x, std::span<double> out);

}  // namespace annmpi::device::cpu::kernels
