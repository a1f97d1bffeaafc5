// A job that corrupts the parameters of one rank at the step named by the argument.
// Started by test_parted_job.
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "annmpi/comm/mpi_session.hpp"
#include "annmpi/objective/full_batch_objective.hpp"

#include "support/forwarding_device.hpp"
#include "support/samples.hpp"
#include "support/set_facts.hpp"

namespace annmpi::objective {
namespace {

/// Changes one parameter by one bit on download.
class ForgetfulSpace final : public VectorSpace {
 public:
  explicit ForgetfulSpace(const VectorSpace& space) : space_(space) {}

  [[nodiscard]] std::size_t dimension() const override { return space_.dimension(); }
  [[nodiscard]] std::unique_ptr<Vector> zero() const override { return space_.zero(); }
  void download(const Vector& from, std::span<double> to) const override {
    space_.download(from, to);
    if (forgets) to[7] = std::nextafter(to[7], 10.0);
  }
  void upload(std::span<const double> from, Vector& to) const override { space_.upload(from, to); }
  void copy(const Vector& from, Vector& to) const override { space_.copy(from, to); }
  void axpy(double a, const Vector& x, Vector& y) const override { space_.axpy(a, x, y); }
  void linear_combination(std::span<const double> coefficients,
                          std::span<const Vector* const> vectors, Vector& result) const override {
    space_.linear_combination(coefficients, vectors, result);
  }
  void multi_dot(std::span<const DotPair> pairs, std::span<double> dots) const override {
    space_.multi_dot(pairs, dots);
  }
  [[nodiscard]] double max_abs(const Vector& x) const override { return space_.max_abs(x); }

  bool forgets = false;

 private:
  const VectorSpace& space_;
};

class ForgetfulDevice : public tests::ForwardingDevice {
 public:
  using ForwardingDevice::ForwardingDevice;
  [[nodiscard]] const VectorSpace& space() const override { return space_; }
  void forget(bool forgets) { space_.forgets = forgets; }

 private:
  ForgetfulSpace space_{ForwardingDevice::space()};
};

/// Three commits; the second refreshes. Prints each step before it begins.
int train(const std::string& moment, const comm::Communicator& world) {
  const network::Network network =
      network::make_network({6, 4, 3}, config::Activation::sigmoid, config::OutputUnit::sigmoid);
  ForgetfulDevice device(device::make_cpu_device(network, [&](auto sums) { world.sum(sums); }));
  const bool is_last = world.rank() == world.size() - 1;
  const tests::Samples samples = tests::random_samples(60, 6, 3, io::ElementType::uint8, 1);
  const data::Partition partition(60, 9, world.size());
  LoadedSet set{device.hold(tests::shard_of(samples, partition.rows_of(world.rank())),
                            tests::facts_of(samples, partition.chunk_rows())),
                partition, 0};
  PhaseTimes times;
  FullBatchObjective objective(device, world, std::move(set), std::nullopt,
                               network::initial_parameters(network, 1.0, 5),
                               {.refresh_interval = 2}, times);
  const auto gradient = device.space().zero();
  const auto begin = [&](const std::string& name) {
    device.forget(is_last && name == moment);
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
