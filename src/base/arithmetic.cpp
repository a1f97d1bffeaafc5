#include "annmpi/base/arithmetic.hpp"

#include <bit>
#include <cstdint>
#include <limits>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "annmpi/base/error.hpp"

namespace annmpi {
namespace {

/// Operations at run time: volatile hides the operands from the compiler.
double sum(double a, double b) {
  const volatile double left = a;
  const volatile double right = b;
  const volatile double result = left + right;
  return result;
}
double product(double a, double b) {
  const volatile double left = a;
  const volatile double right = b;
  const volatile double result = left * right;
  return result;
}

unsigned control_register() {
#if defined(__x86_64__)
  constexpr unsigned exceptions_so_far = 0x3f;
  return _mm_getcsr() & ~exceptions_so_far;
#else
  return 0;
#endif
}

std::string fault_of(const Arithmetic& arithmetic) {
  std::string fault;
  const auto add = [&](bool sound, const char* text) {
    if (!sound) fault += (fault.empty() ? "" : ", ") + std::string(text);
  };
  add(arithmetic.rounds_to_nearest, "numbers are not rounded to nearest");
  add(arithmetic.keeps_subnormal_results, "subnormal results are flushed to zero");
  add(arithmetic.keeps_subnormal_operands, "subnormal operands are read as zero");
  return arithmetic.control == 0 ? fault
                                 : fault + fmt::format(" (MXCSR is {:#06x})", arithmetic.control);
}

}  // namespace

Arithmetic observe_arithmetic() {
  constexpr double last_bit = std::numeric_limits<double>::epsilon();  // of numbers from 1 to 2
  constexpr double half = last_bit / 2;
  constexpr double least_normal = std::numeric_limits<double>::min();
  constexpr double least = std::numeric_limits<double>::denorm_min();
  return {
      // Ties go to the even neighbour, below or above, on both sides of zero; more than half
      // rounds up. Every other mode fails at least one of these.
      .rounds_to_nearest = sum(1, half) == 1 && sum(1 + last_bit, half) == 1 + 2 * last_bit &&
                           sum(-1, -half) == -1 && sum(-1 - last_bit, -half) == -1 - 2 * last_bit &&
                           sum(1, 0.75 * last_bit) == 1 + last_bit,
      // Test the bits: a comparison would depend on how operands are read.
      .keeps_subnormal_results =
          std::bit_cast<std::uint64_t>(product(least_normal, 0.5)) != std::uint64_t{0},
      .keeps_subnormal_operands = product(least, 0x1p+60) == least * 0x1p+60,
      .control = control_register()};
}

void require_sound(const Arithmetic& arithmetic, const std::string& place) {
  if (arithmetic.is_sound()) return;
  throw Error(
      "the floating-point mode is wrong {}: {}, possibly because of a library that was linked with "
      "-ffast-math; check LD_PRELOAD and the modules loaded into this environment",
      place, fault_of(arithmetic));
}

}  // namespace annmpi
