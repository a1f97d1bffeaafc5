#pragma once

namespace annmpi::device::cpu {

/// @throws Error, with the number of the thread, unless the arithmetic of each of so many OpenMP
/// threads is sound (base/arithmetic). They inherit their mode as they are started and are kept for
/// later parallel regions of this size: asking once is enough.
void require_sound_arithmetic_on(int threads);

}  // namespace annmpi::device::cpu
