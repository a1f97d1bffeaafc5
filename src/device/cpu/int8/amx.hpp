#pragma once

/// Intel's matrix units for bytes (Advanced Matrix Extensions): eight tiles of 16 rows of 64 bytes,
/// and an instruction that adds the product of two tiles of bytes to a tile of 32-bit integers.
namespace annmpi::device::cpu::kernels {

/// Whether the processor has them, and AVX-512 beside them, and the operating system lets this
/// process use them. The first call asks for the permission, which Linux grants by process: no
/// tile may be touched before.
[[nodiscard]] bool amx_is_usable();

}  // namespace annmpi::device::cpu::kernels
