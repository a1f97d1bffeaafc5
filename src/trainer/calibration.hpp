#pragma once

#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/device/device.hpp"

namespace annmpi::trainer {

/// Number of rows for a calibration: whole chunks, enough to keep the device busy, at most 64 MB of
/// features unless one chunk is larger, and at most the rows of the set.
[[nodiscard]] std::uint64_t calibration_rows(const data::DealtSet& training, bool is_gpu,
                                             int threads);

/// Training speed of the device in rows per second, from the fastest of several iterations over
/// `rows` synthetic rows. An iteration is a direction, a tangent trial if those are used, and a
/// gradient.
[[nodiscard]] double rows_per_second(device::FullBatchDevice& device,
                                     const network::Network& network,
                                     const data::DealtSet& training, std::uint64_t rows,
                                     bool tangent_trials);

}  // namespace annmpi::trainer
