#include "device/cpu/int8/amx.hpp"

#if defined(ANNMPI_AMX_KERNELS)

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace annmpi::device::cpu::kernels {
namespace {

bool processor_supports_amx() {
  __builtin_cpu_init();
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
  constexpr unsigned tiles = 1U << 24;
  constexpr unsigned int8 = 1U << 25;
  return (d & tiles) != 0 && (d & int8) != 0 && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vbmi");
}

bool system_permits_amx() {
  constexpr long request_permission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long tile_data = 18;               // XFEATURE_XTILEDATA
  return ::syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

}  // namespace

bool amx_is_usable() {
  static const bool usable = processor_supports_amx() && system_permits_amx();
  return usable;
}

}  // namespace annmpi::device::cpu::kernels

#else

namespace annmpi::device::cpu::kernels {

bool amx_is_usable() {
  return false;
}

}  // namespace annmpi::device::cpu::kernels

#endif
