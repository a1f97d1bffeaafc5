#pragma once

/// Intel's Advanced Matrix Extensions: eight tile registers of 16 rows of 64 bytes, and an
/// instruction that adds the product of two tiles of bytes to a tile of 32-bit integers.
namespace annmpi::device::cpu::kernels {

/// Whether the processor supports AMX and AVX-512 and the operating system lets this process use
/// them. The first call requests the permission, which Linux grants per process: no tile may be
/// touched before.
[[nodiscard]] bool amx_is_usable();

}  // namespace annmpi::device::cpu::kernels
