#pragma once

#include <cfenv>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace annmpi::tests {

/// This thread's floating-point mode, restored at the end of the scope.
class ArithmeticMode {
 public:
  ArithmeticMode() { std::fegetenv(&before_); }
  ~ArithmeticMode() { std::fesetenv(&before_); }
  ArithmeticMode(const ArithmeticMode&) = delete;
  ArithmeticMode& operator=(const ArithmeticMode&) = delete;

  void round(int mode) { std::fesetround(mode); }

  // The mode of -ffast-math; false if this processor has no such switch.
  bool flush_results() { return set_bits(0x8000); }
  bool ignore_operands() { return set_bits(0x0040); }

 private:
  static bool set_bits([[maybe_unused]] unsigned bits) {
#if defined(__x86_64__)
    _mm_setcsr(_mm_getcsr() | bits);
    return true;
#else
    return false;
#endif
  }

  std::fenv_t before_{};
};

}  // namespace annmpi::tests
