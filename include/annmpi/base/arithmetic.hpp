#pragma once

#include <string>

namespace annmpi {

/// What the processor makes of doubles, on the thread that asks.
///
/// The mode belongs to a thread, and a new thread inherits it. One library that was linked for fast
/// mathematics changes it for the process as it is loaded (gcc's -ffast-math does so through
/// crtfastmath.o), and processes started from different environments then compute different bits.
struct Arithmetic {
  bool rounds_to_nearest = true;         ///< ties to even, the mode of IEEE 754 by default
  bool keeps_subnormal_results = true;   ///< not flushed to zero
  bool keeps_subnormal_operands = true;  ///< not taken for zero

  unsigned control = 0;  ///< x86-64: the mode as the register MXCSR holds it

  [[nodiscard]] bool is_sound() const {
    return rounds_to_nearest && keeps_subnormal_results && keeps_subnormal_operands;
  }
};

/// Tries it out on this thread, by computing.
[[nodiscard]] Arithmetic observe_arithmetic();

/// @throws Error that says what is not sound about an arithmetic, and where it was seen.
void require_sound(const Arithmetic& arithmetic, const std::string& place);

/// Observes this thread and requires that it rounds to nearest and keeps subnormal numbers, on
/// which exact sums rest (base/exact_sum). To be called at start, and again after a library was
/// loaded; `place` is for the message: "after loading libopenblas.so.0".
inline void require_sound_arithmetic(const std::string& place) {
  require_sound(observe_arithmetic(), place);
}

}  // namespace annmpi
