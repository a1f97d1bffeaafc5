#pragma once

#include <cstddef>

/// What the kernels of bytes run on: a unit that multiplies tiles of bytes, and vectors of eight
/// doubles or 64-bit integers beside it. Each kernel is written once, in a file that
/// for_each_tile_unit.hpp compiles for both units. Both give the same bits.
///
/// A unit is a namespace with the class Tiles, the types Doubles and Integers, and functions of
/// them (plain_unit.hpp is the definition, amx_unit.hpp does the same with instructions).
namespace annmpi::device::cpu::kernels {

/// A tile: 16 rows of 64 bytes, or of 16 integers of 32 bits.
inline constexpr std::size_t tile_rows = 16;
inline constexpr std::size_t tile_bytes = tile_rows * 64;
inline constexpr std::size_t tile_integers = tile_rows * 16;

enum class TileUnit {
  plain,  ///< C++ for any processor: slow, for tests
  amx,    ///< the matrix units of the processor, and AVX-512
};

/// The unit of all kernels of bytes in this process: AMX where it is usable, unless the plain one
/// was chosen.
[[nodiscard]] TileUnit tile_unit();

/// Chooses the unit for all threads; AMX where it is not usable leaves the plain one.
void choose_tile_unit(TileUnit unit);

/// While it lives, the tile registers of this thread have their full size. Not to be nested.
class TileConfiguration {
 public:
  TileConfiguration();
  ~TileConfiguration();
  TileConfiguration(const TileConfiguration&) = delete;
  TileConfiguration& operator=(const TileConfiguration&) = delete;
};

}  // namespace annmpi::device::cpu::kernels

/// The function `name` of the unit in use.
#if defined(ANNMPI_AMX_KERNELS)
#define ANNMPI_ON_TILE_UNIT(name) (tile_unit() == TileUnit::amx ? &amx::name : &plain::name)
#else
#define ANNMPI_ON_TILE_UNIT(name) (&plain::name)
#endif
