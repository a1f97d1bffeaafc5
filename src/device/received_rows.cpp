#include "annmpi/device/received_rows.hpp"

#include <algorithm>
#include <utility>

#include "annmpi/device/device.hpp"
#include "annmpi/device/host_rows.hpp"

namespace annmpi::device {

std::uint64_t memory_on_the_way(const RowsToCome& rows) {
  const std::uint64_t at_once = std::min(rows.rows.size(), blocks_on_the_way * rows.block_rows());
  return at_once * (rows.set.row_bytes() + sizeof(std::int32_t));
}

std::unique_ptr<ReceivedRows> FullBatchDevice::receive(const RowsToCome& rows,
                                                       const ReadBlock& read) {
  data::HostBlock all(rows.rows, rows.set.features, rows.set.type, rows.set.feature_scale);
  read(all);
  return std::make_unique<HostRows>(*this, std::move(all));
}

}  // namespace annmpi::device
