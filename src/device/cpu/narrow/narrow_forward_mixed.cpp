#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/narrow/narrow_forward_mixed.cpp"
#include <hwy/foreach_target.h>

#include "device/cpu/narrow/narrow_forward-inl.hpp"
#include "device/cpu/narrow/narrow_forward_mixed.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

template <class T>
void forward32(const T* X, std::size_t rows, const PackedWeights& weights, double* Z) {
  forward_rows(X, rows, weights.inputs(), weights.weights32().data(), weights.units(),
               weights.bias().data(), Z);
}

void forward32_uint8(const std::uint8_t* X, std::size_t rows, const PackedWeights& weights,
                     double* Z) {
  forward32(X, rows, weights, Z);
}
void forward32_float32(const float* X, std::size_t rows, const PackedWeights& weights, double* Z) {
  forward32(X, rows, weights, Z);
}
void forward32_float64(const double* X, std::size_t rows, const PackedWeights& weights, double* Z) {
  forward32(X, rows, weights, Z);
}

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {

HWY_EXPORT(forward32_uint8);
HWY_EXPORT(forward32_float32);
HWY_EXPORT(forward32_float64);

void narrow_forward_mixed(std::span<const std::uint8_t> X, std::size_t rows,
                          const PackedWeights& weights, std::span<double> Z) {
  HWY_DYNAMIC_DISPATCH(forward32_uint8)(X.data(), rows, weights, Z.data());
}
void narrow_forward_mixed(std::span<const float> X, std::size_t rows, const PackedWeights& weights,
                          std::span<double> Z) {
  HWY_DYNAMIC_DISPATCH(forward32_float32)(X.data(), rows, weights, Z.data());
}
void narrow_forward_mixed(std::span<const double> X, std::size_t rows, const PackedWeights& weights,
                          std::span<double> Z) {
  HWY_DYNAMIC_DISPATCH(forward32_float64)(X.data(), rows, weights, Z.data());
}

}  // namespace annmpi::device::cpu::kernels
#endif
