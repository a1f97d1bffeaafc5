#include "annmpi/base/error.hpp"

#include "commands.hpp"

namespace annmpi::data_tool {

int run_idx(const Words&) {
  throw Error("idx: soon");
}

}  // namespace annmpi::data_tool
