// A job in which one rank loses its parameters at the moment that the argument names;
// test_parted_job looks on.
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "annmpi/comm/mpi_session.hpp"
#include "annmpi/device/forwarding_device.hpp"
#include "annmpi/objective/full_batch_objective.hpp"

#include "support/samples.hpp"
#include "support/set_facts.hpp"

namespace annmpi::objective {
namespace {

/// Adds the last bit to one parameter on the last rank, when the parameters are read back.
class ForgetfulDevice : public device::ForwardingDevice {
 public:
  ForgetfulDevice(std::unique_ptr<device::FullBatchDevice> device, bool is_last)
      : ForwardingDevice(std::move(device)), is_last_(is_last) {}

  void download(const Vector& from, std::span<double> to) const override {
    ForwardingDevice::download(from, to);
    if (forgets && is_last_) to[7] = std::nextafter(to[7], 10.0);
  }

  bool forgets = false;

 private:
  bool is_last_;
};

/// Three commits, the second of which refreshes. What is said on the way tells how far it came.
int train(const std::string& moment, const comm::Communicator& world) {
  const network::Network network =
      network::make_network({6, 4, 3}, config::Activation::sigmoid, config::OutputUnit::sigmoid);
  ForgetfulDevice device(device::make_cpu_device(network, [&](auto sums) { world.sum(sums); }),
                         world.rank() == world.size() - 1);
  const tests::Samples samples = tests::random_samples(60, 6, 3, io::ElementType::uint8, 1);
  const data::Partition partition(60, 9, world.size());
  SampleSet set{device.hold(tests::shard_of(samples, partition.rows_of(world.rank())),
                            tests::facts_of(samples, partition.chunk_rows())),
                60, 0};
  PhaseTimes times;
  FullBatchObjective objective(device, world, std::move(set), std::nullopt,
                               network::initial_parameters(network, 1.0, 5),
                               {.refresh_interval = 2}, times);
  const auto gradient = device.space().zero();
  const auto begin = [&](const std::string& name) {
    device.forgets = name == moment;
    if (world.is_root()) std::printf("%s\n", name.c_str());
    std::fflush(stdout);
  };
  begin("evaluate");
  objective.evaluate(*gradient);
  for (const char* name : {"first", "second", "third"}) {
    begin(name);
    objective.aim(*gradient);
    (void)objective.probe(-0.25);
    objective.commit(-0.25);
  }
  begin("end");
  return exit_status::success;
}

}  // namespace
}  // namespace annmpi::objective

int main(int argc, char** argv) {
  using namespace annmpi;
  return comm::run_mpi_session(argc, argv, [&](const comm::Communicator& world) {
    return objective::train(argc > 1 ? argv[1] : "", world);
  });
}
