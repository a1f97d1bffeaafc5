#include "device/cpu/int8/tile_unit.hpp"

#include <cstdint>

#include "device/cpu/int8/amx.hpp"

namespace annmpi::device::cpu::kernels {
namespace {

bool plain_is_chosen = false;

#if defined(ANNMPI_AMX_KERNELS)
/// All eight tiles in their full size.
struct alignas(64) Configuration {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t bytes_per_row[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

void configure() {
  static constexpr Configuration configuration;
  __asm__ volatile("ldtilecfg %0" : : "m"(configuration));
}

void release() {
  __asm__ volatile("tilerelease");
}
#else
void configure() {}
void release() {}
#endif

}  // namespace

TileUnit tile_unit() {
  return plain_is_chosen || !amx_is_usable() ? TileUnit::plain : TileUnit::amx;
}

void choose_tile_unit(TileUnit unit) {
  plain_is_chosen = unit == TileUnit::plain;
}

TileConfiguration::TileConfiguration() {
  if (tile_unit() == TileUnit::amx) configure();
}

TileConfiguration::~TileConfiguration() {
  if (tile_unit() == TileUnit::amx) release();
}

}  // namespace annmpi::device::cpu::kernels
