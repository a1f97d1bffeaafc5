#include "annmpi/objective/agreement.hpp"

#include <cstdint>
#include <vector>

#include "annmpi/base/arithmetic.hpp"
#include "annmpi/base/error.hpp"
#include "annmpi/model/instructions.hpp"

namespace annmpi::objective {
namespace {

std::uint64_t from_root(const comm::Communicator& communicator, std::uint64_t value) {
  communicator.from_root(std::as_writable_bytes(std::span(&value, 1)));
  return value;
}

}  // namespace

void agree_on_arithmetic(const comm::Communicator& communicator) {
  communicator.all_agree([] { require_sound_arithmetic("at start"); });
  std::vector<std::int64_t> limits = communicator.all_agree(model::instruction_limits);
  communicator.max(limits);
  communicator.all_agree([&] { model::use_instructions(limits); });
}

void require_equal_devices(const comm::Communicator& communicator, const model::Device& device) {
  const std::uint64_t hash = communicator.all_agree([&] { return device.fingerprint(); });
  const bool equal = hash == from_root(communicator, hash);
  communicator.all_agree([&] {
    require(equal,
            "matrix products come out with other bits than on rank 0 (this rank: {}); run on hosts "
            "with the same version of OpenBLAS, or set OPENBLAS_CORETYPE on all ranks",
            device.description());
  });
}

}  // namespace annmpi::objective
