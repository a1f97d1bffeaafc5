#include "annmpi/objective/device_choice.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "annmpi/base/error.hpp"
#include "annmpi/base/log.hpp"
#include "annmpi/comm/mpi_session.hpp"

namespace annmpi::objective {
namespace {

/// Warns about ranks whose GPU is unusable while other ranks compute on theirs. Collective.
void warn_about_unusable_gpus(const device::FoundGpu& found,
                              const comm::Communicator& communicator) {
  const std::string mine = found.present && !found
                               ? fmt::format("rank {} on {} computes on its CPU: {}",
                                             communicator.rank(), comm::host_name(), found.trouble)
                               : "";
  const std::vector<std::string> all = communicator.gather_texts(mine);
  const auto first = std::ranges::find_if_not(all, &std::string::empty);
  if (first == all.end()) return;
  const auto others = std::ranges::count_if(first + 1, all.end(),
                                            [](const std::string& text) { return !text.empty(); });
  log::info("Note: {}{}.", *first,
            others == 0 ? "" : fmt::format(" (other ranks with an unusable GPU: {})", others));
}

}  // namespace

ChosenDevices choose_devices(const config::Configuration& configuration,
                             const comm::Communicator& communicator, const FindGpu& find) {
  using config::DeviceChoice;
  const DeviceChoice asked = configuration.compute.device;
  ChosenDevices chosen{.gpu = {}, .gpus = 0, .ranks = communicator.size()};
  if (asked == DeviceChoice::cpu) return chosen;
  const int local_rank = communicator.rank_on_host();
  const device::FoundGpu found = communicator.all_agree([&] { return find(local_rank); });
  if (asked == DeviceChoice::gpu)
    communicator.all_agree([&] {
      // all_agree() names the rank unless it is rank 0.
      const std::string who =
          communicator.is_root() ? fmt::format("rank 0 on {}: ", comm::host_name()) : "";
      require(static_cast<bool>(found),
              "compute.device = \"gpu\": {}{}; or set compute.device = \"cpu\"", who,
              found.trouble);
    });
  std::array<std::int64_t, 1> ranks{found ? 1 : 0};
  communicator.sum(std::span<std::int64_t>(ranks));
  const bool some = ranks[0] > 0 && ranks[0] < communicator.size();
  if (some && configuration.optimizer.takes_batches()) {
    log::info(
        "Note: computing on CPUs: only {} of {} ranks have a usable GPU, and mini-batches need one "
        "on each; set compute.device = \"gpu\" to see the reason.",
        ranks[0], communicator.size());
    return chosen;
  }
  if (ranks[0] == 0 && found.expected) log::info("Note: computing on CPUs: {}.", found.trouble);
  if (some) warn_about_unusable_gpus(found, communicator);
  chosen.gpus = static_cast<int>(ranks[0]);
  if (found) chosen.gpu = found;
  return chosen;
}

std::string describe(const device::Gpu& gpu) {
  return fmt::format("GPU {} of {}: {}; {}", gpu.index, comm::host_name(), gpu.name, gpu.software);
}

}  // namespace annmpi::objective
