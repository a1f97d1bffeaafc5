#include "annmpi/objective/device_choice.hpp"

#include <array>
#include <cstdint>
#include <span>

#include "annmpi/base/error.hpp"
#include "annmpi/base/log.hpp"
#include "annmpi/comm/mpi_session.hpp"

namespace annmpi::objective {

ChosenDevices choose_devices(const config::Configuration& configuration,
                             const comm::Communicator& communicator, const FindGpu& find) {
  using config::DeviceChoice;
  const DeviceChoice asked = configuration.compute.device;
  ChosenDevices chosen{.gpu = {}, .gpus = 0, .ranks = communicator.size()};
  if (asked == DeviceChoice::cpu) return chosen;
  const int local_rank = communicator.rank_on_host();
  const model::FoundGpu found = communicator.all_agree([&] { return find(local_rank); });
  if (asked == DeviceChoice::gpu)
    communicator.all_agree([&] {
      // A rank other than 0 that tells of its trouble is named there.
      const std::string who =
          communicator.is_root() ? fmt::format("rank 0 on {}: ", comm::host_name()) : "";
      require(static_cast<bool>(found),
              "compute.device = \"gpu\": {}{}; or write compute.device = \"cpu\"", who,
              found.trouble);
    });
  std::array<std::int64_t, 1> ranks{found ? 1 : 0};
  communicator.sum(std::span<std::int64_t>(ranks));
  const bool some = ranks[0] > 0 && ranks[0] < communicator.size();
  if (some && configuration.optimizer.takes_batches()) {
    log::info(
        "Note: computing on CPUs: only {} of {} ranks have a GPU to use, and mini-batches need one "
        "on each; compute.device = \"gpu\" says what is wrong.",
        ranks[0], communicator.size());
    return chosen;
  }
  if (ranks[0] == 0 && found.expected) log::info("Note: computing on CPUs: {}.", found.trouble);
  chosen.gpus = static_cast<int>(ranks[0]);
  if (found) chosen.gpu = found;
  return chosen;
}

std::string describe(const model::Gpu& gpu) {
  return fmt::format("GPU {} of {}: {}; {}", gpu.index, comm::host_name(), gpu.name, gpu.software);
}

}  // namespace annmpi::objective
