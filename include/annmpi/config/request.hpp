#pragma once

#include <string>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/command_line.hpp"
#include "annmpi/config/configuration.hpp"

namespace annmpi::config {

/// The command line and configuration of a run, equal on all ranks.
struct Request {
  CommandLine command_line;
  Configuration configuration;
};

/// Every rank parses its command line; rank 0 reads the file and broadcasts the resolved text, so
/// the file need not exist on other hosts. To be called only where answer() returned nothing.
/// Collective.
/// @throws comm::AgreedError on all ranks for any error in them.
[[nodiscard]] Request agree_on_request(int argc, const char* const* argv,
                                       const comm::Communicator& communicator);

}  // namespace annmpi::config
