#include "annmpi/objective/agreement.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "annmpi/base/arithmetic.hpp"
#include "annmpi/base/error.hpp"
#include "annmpi/base/hash.hpp"
#include "annmpi/device/instructions.hpp"

namespace annmpi::objective {
namespace {

std::uint64_t from_root(const comm::Communicator& communicator, std::uint64_t value) {
  communicator.from_root(std::as_writable_bytes(std::span(&value, 1)));
  return value;
}

}  // namespace

void agree_on_arithmetic(const comm::Communicator& communicator) {
  communicator.all_agree([] { require_sound_arithmetic("at start"); });
  std::vector<std::int64_t> limits = communicator.all_agree(device::instruction_limits);
  communicator.max(limits);
  communicator.all_agree([&] { device::use_instructions(limits); });
}

void require_equal_devices(const comm::Communicator& communicator,
                           const device::FullBatchDevice& device, bool is_gpu) {
  struct Print {
    std::uint64_t hash;
    std::uint64_t is_gpu;
  };
  const Print mine{communicator.all_agree([&] { return device.fingerprint(); }), is_gpu ? 1U : 0U};
  const std::vector<Print> prints = communicator.allgather(mine);
  const auto first = std::ranges::find(prints, mine.is_gpu, &Print::is_gpu);
  communicator.all_agree([&] {
    require(
        mine.hash == first->hash,
        "matrix products come out with other bits than on rank {} (this rank: {}); run on hosts "
        "with the same version of OpenBLAS, or with GPUs of one kind, or set OPENBLAS_CORETYPE on "
        "all ranks",
        first - prints.begin(), device.description());
  });
}

void require_equal_parameters(const comm::Communicator& communicator,
                              std::span<const double> theta) {
  const std::uint64_t hash = hash64(std::as_bytes(theta));
  const std::uint64_t expected = from_root(communicator, hash);
  if (hash == expected) return;
  throw std::runtime_error(fmt::format(
      "the parameters of this rank are not those of rank 0 (hash {:016x}, not {:016x}): a fault of "
      "this machine's memory or processor, or of the program",
      hash, expected));
}

}  // namespace annmpi::objective
