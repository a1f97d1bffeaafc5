#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/narrow/narrow_backward_mixed.cpp"
#include <hwy/foreach_target.h>

#include "device/cpu/narrow/narrow_backward-inl.hpp"
#include "device/cpu/narrow/narrow_backward_steps.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

void backward32_uint8(const std::uint8_t* X, std::size_t rows, std::size_t inputs,
                      const float* delta, const SumsView& sums, std::byte* stripe) {
  backward_chunk(X, rows, inputs, delta, sums, stripe);
}
void backward32_float32(const float* X, std::size_t rows, std::size_t inputs, const float* delta,
                        const SumsView& sums, std::byte* stripe) {
  backward_chunk(X, rows, inputs, delta, sums, stripe);
}
void backward32_float64(const double* X, std::size_t rows, std::size_t inputs, const float* delta,
                        const SumsView& sums, std::byte* stripe) {
  backward_chunk(X, rows, inputs, delta, sums, stripe);
}

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {
namespace {

const float* rounded(std::size_t rows, std::span<const double> delta, const GradientSums& sums,
                     BackwardWorkspace& workspace) {
  for (std::size_t e = 0; e < rows * sums.units(); ++e)
    workspace.delta[e] = static_cast<float>(delta[e]);
  return workspace.delta.data();
}

}  // namespace

HWY_EXPORT(backward32_uint8);
HWY_EXPORT(backward32_float32);
HWY_EXPORT(backward32_float64);

void narrow_backward_mixed(std::span<const std::uint8_t> X, std::size_t rows,
                           std::span<const double> delta, GradientSums& sums,
                           BackwardWorkspace& workspace) {
  HWY_DYNAMIC_DISPATCH(backward32_uint8)
  (X.data(), rows, sums.inputs(), rounded(rows, delta, sums, workspace), view_of(sums),
   workspace.stripe.data());
}
void narrow_backward_mixed(std::span<const float> X, std::size_t rows,
                           std::span<const double> delta, GradientSums& sums,
                           BackwardWorkspace& workspace) {
  HWY_DYNAMIC_DISPATCH(backward32_float32)
  (X.data(), rows, sums.inputs(), rounded(rows, delta, sums, workspace), view_of(sums),
   workspace.stripe.data());
}
void narrow_backward_mixed(std::span<const double> X, std::size_t rows,
                           std::span<const double> delta, GradientSums& sums,
                           BackwardWorkspace& workspace) {
  HWY_DYNAMIC_DISPATCH(backward32_float64)
  (X.data(), rows, sums.inputs(), rounded(rows, delta, sums, workspace), view_of(sums),
   workspace.stripe.data());
}

}  // namespace annmpi::device::cpu::kernels
#endif
