#include "annmpi/trainer/training.hpp"

#include "annmpi/trainer/stop_signals.hpp"

#include "trainer/full_batch_training.hpp"
#include "trainer/mini_batch_training.hpp"

namespace annmpi::trainer {

std::unique_ptr<Training> make_training(const config::Configuration& configuration,
                                        const Problem& problem, const ExecutionPlan& plan,
                                        const comm::Communicator& communicator, PhaseTimes& times) {
  const TrainingSetup setup{configuration,       problem.network, problem.sets,
                            plan.sets,           communicator,    times,
                            plan.devices,        plan.threads,    plan.memory.transposed,
                            stop_signal_received};
  return configuration.optimizer.takes_batches() ? make_mini_batch_training(setup)
                                                 : make_full_batch_training(setup);
}

}  // namespace annmpi::trainer
