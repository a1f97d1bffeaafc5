#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/narrow/narrow_backward.cpp"
#include <hwy/foreach_target.h>

#include "device/cpu/narrow/narrow_backward-inl.hpp"
#include "device/cpu/narrow/narrow_backward.hpp"
#include "device/cpu/narrow/narrow_backward_steps.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

void backward64_uint8(const std::uint8_t* X, std::size_t rows, std::size_t inputs,
                      const double* delta, const SumsView& sums, std::byte* stripe) {
  backward_chunk(X, rows, inputs, delta, sums, stripe);
}
void backward64_float32(const float* X, std::size_t rows, std::size_t inputs, const double* delta,
                        const SumsView& sums, std::byte* stripe) {
  backward_chunk(X, rows, inputs, delta, sums, stripe);
}
void backward64_float64(const double* X, std::size_t rows, std::size_t inputs, const double* delta,
                        const SumsView& sums, std::byte* stripe) {
  backward_chunk(X, rows, inputs, delta, sums, stripe);
}

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {

HWY_EXPORT(backward64_uint8);
HWY_EXPORT(backward64_float32);
HWY_EXPORT(backward64_float64);

void narrow_backward(std::span<const std::uint8_t> X, std::size_t rows,
                     std::span<const double> delta, GradientSums& sums,
                     BackwardWorkspace& workspace) {
  add_biases(rows, delta, sums);
  if (sums.precision() == Precision::mixed)
    return narrow_backward_mixed(X, rows, delta, sums, workspace);
  HWY_DYNAMIC_DISPATCH(backward64_uint8)
  (X.data(), rows, sums.inputs(), delta.data(), view_of(sums), workspace.stripe.data());
}
void narrow_backward(std::span<const float> X, std::size_t rows, std::span<const double> delta,
                     GradientSums& sums, BackwardWorkspace& workspace) {
  add_biases(rows, delta, sums);
  if (sums.precision() == Precision::mixed)
    return narrow_backward_mixed(X, rows, delta, sums, workspace);
  HWY_DYNAMIC_DISPATCH(backward64_float32)
  (X.data(), rows, sums.inputs(), delta.data(), view_of(sums), workspace.stripe.data());
}
void narrow_backward(std::span<const double> X, std::size_t rows, std::span<const double> delta,
                     GradientSums& sums, BackwardWorkspace& workspace) {
  add_biases(rows, delta, sums);
  if (sums.precision() == Precision::mixed)
    return narrow_backward_mixed(X, rows, delta, sums, workspace);
  HWY_DYNAMIC_DISPATCH(backward64_float64)
  (X.data(), rows, sums.inputs(), delta.data(), view_of(sums), workspace.stripe.data());
}

}  // namespace annmpi::device::cpu::kernels
#endif
