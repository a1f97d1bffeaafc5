#pragma once

#include <optional>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/data/dataset.hpp"

namespace annmpi::data {

/// The headers of a run's data files.
struct DataSets {
  Dataset training;
  std::optional<Dataset> monitored;  ///< `data.validation`, or else `data.test`
  std::optional<Dataset> test;       ///< `data.test` where it is not the monitored set
};

/// Reads the headers of all files on every rank, and checks that they are compatible. Classes
/// without names are counted from the training labels and named "0", "1", ... Collective.
/// @throws comm::AgreedError on all ranks if any of them cannot read a file.
[[nodiscard]] DataSets inspect(const config::Configuration::Data& files,
                               const comm::Communicator& communicator);

}  // namespace annmpi::data
