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
  struct Fingerprint {
    std::uint64_t hash;
    std::uint64_t is_gpu;
  };
  const Fingerprint mine{communicator.all_agree([&] { return device.fingerprint(); }),
                         is_gpu ? 1U : 0U};
  const std::vector<Fingerprint> fingerprints = communicator.allgather(mine);
  const auto first = std::ranges::find(fingerprints, mine.is_gpu, &Fingerprint::is_gpu);
  communicator.all_agree([&] {
    require(mine.hash == first->hash,
            "matrix products differ from those of rank {} (this rank: {}); use hosts with the same "
            "version of OpenBLAS, GPUs of one model, or the same OPENBLAS_CORETYPE on all ranks",
            first - fingerprints.begin(), device.description());
  });
}

void require_equal_parameters(const comm::Communicator& communicator,
                              std::span<const double> theta) {
  const std::uint64_t hash = hash64(std::as_bytes(theta));
  const std::uint64_t expected = from_root(communicator, hash);
  if (hash == expected) return;
  throw std::runtime_error(fmt::format(
      "the parameters of this rank differ from those of rank 0 (hash {:016x} instead of {:016x}; a "
      "hardware fault of this host or a bug); restart the run, and exclude this host if it recurs",
      hash, expected));
}

}  // namespace annmpi::objective
