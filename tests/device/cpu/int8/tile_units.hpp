#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "device/cpu/int8/amx.hpp"
#include "device/cpu/int8/tile_unit.hpp"

namespace annmpi::tests {

/// The tile units of this machine: the plain one, and AMX where it is usable.
inline std::vector<device::cpu::kernels::TileUnit> tile_units() {
  using device::cpu::kernels::TileUnit;
  if (device::cpu::kernels::amx_is_usable()) return {TileUnit::plain, TileUnit::amx};
  return {TileUnit::plain};
}

inline std::string name_of(device::cpu::kernels::TileUnit unit) {
  return unit == device::cpu::kernels::TileUnit::amx ? "Amx" : "Plain";
}

/// While it lives, the kernels of bytes run on `unit`.
class OnTileUnit {
 public:
  explicit OnTileUnit(device::cpu::kernels::TileUnit unit)
      : before_(device::cpu::kernels::tile_unit()) {
    device::cpu::kernels::choose_tile_unit(unit);
  }
  ~OnTileUnit() { device::cpu::kernels::choose_tile_unit(before_); }
  OnTileUnit(const OnTileUnit&) = delete;
  OnTileUnit& operator=(const OnTileUnit&) = delete;

 private:
  device::cpu::kernels::TileUnit before_;
};

/// A test that runs once on each tile unit of this machine.
class OnEachTileUnit : public testing::TestWithParam<device::cpu::kernels::TileUnit> {
 private:
  OnTileUnit unit_{GetParam()};
};

inline std::string name_of_parameter(
    const testing::TestParamInfo<device::cpu::kernels::TileUnit>& info) {
  return name_of(info.param);
}

}  // namespace annmpi::tests

/// Runs the tests of a class derived from OnEachTileUnit.
#define ANNMPI_ON_EACH_TILE_UNIT(suite)                                                  \
  INSTANTIATE_TEST_SUITE_P(Units, suite, testing::ValuesIn(annmpi::tests::tile_units()), \
                           annmpi::tests::name_of_parameter)
