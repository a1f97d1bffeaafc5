#pragma once

namespace annmpi::device::cpu {

/// @throws Error with the number of the thread unless the arithmetic of each of `threads` OpenMP
/// threads is sound (base/arithmetic). Threads inherit their floating-point mode at creation and
/// are reused by later parallel regions of this size: one check is enough.
void require_sound_arithmetic_on(int threads);

}  // namespace annmpi::device::cpu
