#pragma once

#include <string>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/command_line.hpp"
#include "annmpi/config/configuration.hpp"

namespace annmpi::config {

/// What a run was asked to do, equal on all ranks.
struct Request {
  CommandLine command_line;
  Configuration configuration;
};

/// Every rank reads its command line; rank 0 reads the file and shares the resolved text, so that
/// the file need not exist on other hosts. Only where answer() had nothing to say.
/// Collective.
/// @throws comm::AgreedError on all ranks if anything is wrong with them.
[[nodiscard]] Request agree_on_request(int argc, const char* const* argv,
                                       const comm::Communicator& communicator);

}  // namespace annmpi::config
