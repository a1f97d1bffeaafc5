// A library with the effect of -ffast-math on a process: when it is loaded, subnormal results are
// flushed to zero and subnormal operands read as zero.

#include <xmmintrin.h>

namespace {

[[gnu::constructor]] void flush_subnormal_numbers() {
  _mm_setcsr(_mm_getcsr() | 0x8040U);
}

}  // namespace
