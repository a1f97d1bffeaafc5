// Training as annmpi does it, but for one thing: every trial of the line search evaluates cost and
// gradient from scratch, as it must where the cost along a line is not known to be cheap. The same
// device, the same kernels, the same conjugate gradients: what is left is what two passes gain.
//
//     direct_evaluation --config configs/galaxy.toml [--set ...] [--max-iterations N]
//
// Takes annmpi's command line, writes no files, and prints one line of JSON (tools/compare.py).

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "annmpi/base/objective.hpp"
#include "annmpi/comm/mpi_session.hpp"
#include "annmpi/comm/threads.hpp"
#include "annmpi/config/request.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/device/device.hpp"
#include "annmpi/objective/agreement.hpp"
#include "annmpi/objective/exact_sums.hpp"
#include "annmpi/objective/loaded_set.hpp"
#include "annmpi/optimizer/method.hpp"

#include "trainer/make_method.hpp"

namespace annmpi::benchmarks {
namespace {

using Clock = std::chrono::steady_clock;

/// The cost of a network on its training set, two passes over the features for each trial.
class DirectObjective final : public Objective {
 public:
  DirectObjective(device::FullBatchDevice& device, const comm::Communicator& communicator,
                  objective::LoadedSet training, std::span<const double> theta, double l2)
      : device_(device),
        communicator_(communicator),
        training_(std::move(training)),
        l2_(l2),
        theta_(device.space().zero()),
        candidate_(device.space().zero()),
        candidate_gradient_(device.space().zero()) {
    device_.space().upload(theta, *theta_);
  }

  [[nodiscard]] const VectorSpace& space() const override { return device_.space(); }
  [[nodiscard]] const Vector& theta() const { return *theta_; }

  double evaluate(Vector& gradient) override { return evaluate_at(*theta_, gradient); }

  void aim(const Vector& direction) override {
    direction_ = &direction;
    candidate_step_.reset();
  }

  Probe probe(double step) override {
    const std::array coefficients{1.0, step};
    const std::array<const Vector*, 2> vectors{theta_.get(), direction_};
    space().linear_combination(coefficients, vectors, *candidate_);
    const double cost = evaluate_at(*candidate_, *candidate_gradient_);
    candidate_step_ = step;
    std::array<double, 1> slope{};
    space().multi_dot(std::array{DotPair{candidate_gradient_.get(), direction_}}, slope);
    return {cost, slope[0]};
  }

  void gradient_at(double step, Vector& gradient) override {
    if (candidate_step_ != step) probe(step);
    space().copy(*candidate_gradient_, gradient);
  }

  void commit(double step) override { space().axpy(step, *direction_, *theta_); }

  void visit_state(StateVisitor& visitor) override { visitor.vector("theta", space(), *theta_); }

 private:
  double evaluate_at(const Vector& theta, Vector& gradient) {
    const auto m = static_cast<double>(training_.size());
    device_.project(*training_.rows, theta);
    const device::LossAndHits mine = device_.sum_gradient(*training_.rows, {theta});
    device_.finish_gradient({theta}, 1 / m, l2_ / m, gradient);
    objective::ExactSums sums({mine.loss}, {mine.hits});
    sums.sum_over(communicator_);
    const double squared_weights = device_.penalty_dots(theta, nullptr).weights_weights;
    return objective::penalised_cost(sums.value(0), l2_, squared_weights, training_.size());
  }

  device::FullBatchDevice& device_;
  const comm::Communicator& communicator_;
  objective::LoadedSet training_;
  double l2_;
  std::unique_ptr<Vector> theta_;
  const Vector* direction_ = nullptr;
  /// Where cost and gradient were computed last: theta + candidate_step_ direction.
  std::unique_ptr<Vector> candidate_;
  std::unique_ptr<Vector> candidate_gradient_;
  std::optional<double> candidate_step_;
};

int run(int argc, char** argv, const comm::Communicator& world) {
  const auto configuration = config::agree_on_request(argc, argv, world).configuration;
  objective::agree_on_arithmetic(world);
  const data::DataSets sets = data::inspect(configuration.data, world);
  const network::Network network = network::make_network(configuration.model, sets.training);
  const int threads =
      comm::threads_for_this_rank(static_cast<int>(configuration.compute.threads), world);
  const auto device = world.all_agree([&] {
    return device::make_cpu_device(
        network, [&world](auto values) { world.sum(values); },
        device::device_options(configuration.compute, sets, threads));
  });
  const data::DealtSets dealt =
      data::deal(sets, configuration.compute.chunk_rows, network.parameters(), world.size());
  const auto load = [&](const data::DealtSet& own) { return objective::load(own, *device, world); };
  const double l2 = configuration.model.l2;
  std::optional<objective::LoadedSet> monitored;
  if (dealt.monitored) monitored = load(*dealt.monitored);
  DirectObjective objective(*device, world, load(dealt.training),
                            network::initial_parameters(network, configuration.model), l2);
  const std::unique_ptr<Method> method =
      trainer::make_method(configuration.optimizer, objective, world.decide());

  objective::Measurement watched;
  std::vector<double> costs;
  const auto record = [&](const Iteration& iteration) {
    costs.push_back(iteration.cost);
    if (monitored) watched = measure(*device, world, *monitored, objective.theta(), l2);
  };
  Iteration iteration = method->start();
  record(iteration);
  const auto start = Clock::now();
  while (iteration.outcome == Iteration::Outcome::moved &&
         iteration.iteration < configuration.optimizer.max_iterations) {
    iteration = method->iterate();
    record(iteration);
  }
  const std::chrono::duration<double> elapsed = Clock::now() - start;
  if (world.is_root()) {
    fmt::print("{{\"iterations\": {}, \"evaluations\": {}, \"training_seconds\": {:.9g}, ",
               iteration.iteration, iteration.evaluations, elapsed.count());
    fmt::print("\"test_cost\": {:.17g}, \"test_accuracy\": {:.17g}, \"train_costs\": [{:.17g}]}}\n",
               watched.cost, watched.accuracy, fmt::join(costs, ", "));
  }
  return exit_status::success;
}

}  // namespace
}  // namespace annmpi::benchmarks

int main(int argc, char** argv) {
  using namespace annmpi;
  return comm::run_mpi_session(argc, argv, [&](const comm::Communicator& world) {
    return benchmarks::run(argc, argv, world);
  });
}
