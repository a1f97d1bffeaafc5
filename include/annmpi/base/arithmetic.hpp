#pragma once

#include <string>

namespace annmpi {

/// The floating-point mode of the calling thread.
///
/// The mode is a property of a thread, and new threads inherit it. A library linked with gcc's
/// -ffast-math changes it while it is loaded (through crtfastmath.o), so processes started from
/// different environments would compute different bits.
struct Arithmetic {
  bool rounds_to_nearest = true;         ///< ties to even, the mode of IEEE 754 by default
  bool keeps_subnormal_results = true;   ///< not flushed to zero
  bool keeps_subnormal_operands = true;  ///< not read as zero

  unsigned control = 0;  ///< x86-64: the register MXCSR

  [[nodiscard]] bool is_sound() const {
    return rounds_to_nearest && keeps_subnormal_results && keeps_subnormal_operands;
  }
};

/// Determines the mode of this thread by computing with it.
[[nodiscard]] Arithmetic observe_arithmetic();

/// @throws Error that names what is wrong with the mode and `place`, where it was observed.
void require_sound(const Arithmetic& arithmetic, const std::string& place);

/// Observes this thread and requires rounding to nearest and subnormal numbers: exact sums depend
/// on both (base/exact_sum). Call it at start and after loading a library; `place` is for the
/// message: "after loading libopenblas.so.0".
inline void require_sound_arithmetic(const std::string& place) {
  require_sound(observe_arithmetic(), place);
}

}  // namespace annmpi
