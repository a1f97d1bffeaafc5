#include "annmpi/objective/agreement.hpp"

#include <cstdint>
#include <vector>

#include "annmpi/base/arithmetic.hpp"
#include "annmpi/model/instructions.hpp"

namespace annmpi::objective {

void agree_on_arithmetic(const comm::Communicator& communicator) {
  communicator.all_agree([] { require_sound_arithmetic("at start"); });
  std::vector<std::int64_t> limits = communicator.all_agree(model::instruction_limits);
  communicator.max(limits);
  communicator.all_agree([&] { model::use_instructions(limits); });
}

}  // namespace annmpi::objective
