#pragma once

#include <type_traits>

// Dispatch of kernels that are templates over double and float. Highway exports functions by their
// names, which instances of a template lack: these macros name both and choose one.
//
//   template <class Real> double work(...) {...}     in HWY_NAMESPACE
//   ANNMPI_KERNEL(work)                              behind it
//
//   ANNMPI_EXPORT(work)                              under HWY_ONCE
//   template <class Real> double work(...) {
//     return ANNMPI_DISPATCH(Real, work)(...);
//   }
//   ANNMPI_INSTANTIATE_KERNEL(work)
#define ANNMPI_KERNEL(name)                            \
  static constexpr auto& name##_double = name<double>; \
  static constexpr auto& name##_float = name<float>;

#define ANNMPI_EXPORT(name)  \
  HWY_EXPORT(name##_double); \
  HWY_EXPORT(name##_float);

#define ANNMPI_DISPATCH(Real, name) \
  kernels::kernel_for<Real>(HWY_DYNAMIC_DISPATCH(name##_double), HWY_DYNAMIC_DISPATCH(name##_float))

#define ANNMPI_INSTANTIATE_KERNEL(name)         \
  template decltype(name<double>) name<double>; \
  template decltype(name<float>) name<float>;

namespace annmpi::device::cpu::kernels {

template <class Real, class OfDoubles, class OfFloats>
auto kernel_for([[maybe_unused]] OfDoubles* of_doubles, [[maybe_unused]] OfFloats* of_floats) {
  if constexpr (std::is_same_v<Real, double>)
    return of_doubles;
  else
    return of_floats;
}

}  // namespace annmpi::device::cpu::kernels
