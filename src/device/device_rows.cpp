#include "annmpi/device/device_rows.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "annmpi/device/device.hpp"

namespace annmpi::device {

void DeviceRows::throw_incomplete() {
  throw std::logic_error("rows are used before Device::complete()");
}

std::uint64_t memory_on_the_way(const RowsToCome& rows) {
  const std::uint64_t at_once = std::min(rows.rows.size(), blocks_on_the_way * rows.block_rows());
  return at_once * (rows.set.row_bytes() + sizeof(std::int32_t));
}

std::unique_ptr<DeviceRows> Device::receive(const RowsToCome& rows, const ReadBlock& read) {
  data::HostBlock all(rows.rows, rows.set.features, rows.set.type, rows.set.feature_scale);
  read(all);
  return take(std::move(all));
}

std::unique_ptr<DeviceRows> Device::hold(data::LocalSet rows, const data::SetFacts& facts) {
  std::unique_ptr<DeviceRows> held = take(std::move(rows));
  complete(*held, facts);
  return held;
}

}  // namespace annmpi::device
