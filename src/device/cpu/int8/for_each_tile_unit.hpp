// Includes the file ANNMPI_TILE_KERNELS once per tile unit (tile_unit.hpp). The file has no include
// guard; it puts its functions into namespace ANNMPI_TILE_UNIT, which has the unit's types, and
// marks all of them, lambdas included, with ANNMPI_TILE_TARGET. It includes nothing: what it needs
// is included before, so that no code of other headers is compiled for AMX.

#include "device/cpu/int8/plain_unit.hpp"
#include "device/cpu/int8/tile_unit.hpp"
#if defined(ANNMPI_AMX_KERNELS)
#include "device/cpu/int8/amx_unit.hpp"
#endif

#define ANNMPI_TILE_UNIT plain
#define ANNMPI_TILE_TARGET
#include ANNMPI_TILE_KERNELS
#undef ANNMPI_TILE_UNIT
#undef ANNMPI_TILE_TARGET

#if defined(ANNMPI_AMX_KERNELS)
#define ANNMPI_TILE_UNIT amx
#define ANNMPI_TILE_TARGET ANNMPI_AMX
#include ANNMPI_TILE_KERNELS
#undef ANNMPI_TILE_UNIT
#undef ANNMPI_TILE_TARGET
#endif

#undef ANNMPI_TILE_KERNELS
