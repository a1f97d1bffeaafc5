#include "annmpi/objective/phase_work.hpp"

namespace annmpi::objective {

PhaseWork work_of_phases(const model::Network& network, const RankShare& training,
                         const RankShare& monitored, bool tangent_trials) {
  const auto rows = static_cast<double>(training.rows);
  const auto monitored_rows = static_cast<double>(monitored.rows);
  const model::Work pass = rows * model::pass_work(network, training.feature_bytes);
  PhaseWork work{};
  const auto of = [&](Phase phase) -> model::Work& {
    return work[static_cast<std::size_t>(phase)];
  };
  of(Phase::project) = of(Phase::aim) = pass;
  of(Phase::gradient) = rows * model::gradient_work(network, training.feature_bytes);
  of(Phase::trials) = tangent_trials ? rows * model::trial_work(network) : of(Phase::gradient);
  of(Phase::monitor) = monitored_rows * (model::pass_work(network, monitored.feature_bytes) +
                                         model::upper_work(network));
  return work;
}

}  // namespace annmpi::objective
