#include "annmpi/objective/phase_work.hpp"

namespace annmpi::objective {

namespace {

double rows_of(const data::DealtSet& dealt, int rank) {
  return static_cast<double>(dealt.partition.rows_of(rank).size());
}

}  // namespace

PhaseWork work_of_phases(const network::Network& network, const data::DealtSets& sets, int rank,
                         bool tangent_trials) {
  const double rows = rows_of(sets.training, rank);
  const std::size_t feature_bytes = io::bytes_of(sets.training.set.type);
  const network::Work pass = rows * network::pass_work(network, feature_bytes);
  PhaseWork work{};
  const auto of = [&](Phase phase) -> network::Work& {
    return work[static_cast<std::size_t>(phase)];
  };
  of(Phase::project) = of(Phase::aim) = pass;
  of(Phase::gradient) = rows * network::gradient_work(network, feature_bytes);
  of(Phase::trials) = tangent_trials ? rows * network::trial_work(network) : of(Phase::gradient);
  if (sets.monitored) {
    const double monitored = rows_of(*sets.monitored, rank);
    of(Phase::aim) =
        pass + monitored * network::pass_work(network, io::bytes_of(sets.monitored->set.type));
    of(Phase::monitor) = monitored * network::upper_work(network);
  }
  return work;
}

}  // namespace annmpi::objective
