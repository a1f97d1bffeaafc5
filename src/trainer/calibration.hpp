#pragma once

#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/device/device.hpp"

namespace annmpi::trainer {

/// Rows to be worked on in a calibration: enough to keep the device busy, in whole chunks or all
/// that there are, and at most 64 MB of features unless one chunk has more.
[[nodiscard]] std::uint64_t calibration_rows(const data::DealtSet& training, bool is_gpu,
                                             int threads);

/// How many rows of such a set a device can work on in a second, by the quickest of some iterations
/// over `rows` made-up ones: a direction, a trial if trials are by tangent, a gradient.
[[nodiscard]] double rows_per_second(device::FullBatchDevice& device,
                                     const network::Network& network,
                                     const data::DealtSet& training, std::uint64_t rows,
                                     bool tangent_trials);

}  // namespace annmpi::trainer
