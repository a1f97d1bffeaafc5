#include "annmpi/trainer/training.hpp"

#include "trainer/device_training.hpp"

namespace annmpi::trainer {

std::unique_ptr<Training> make_training(const config::Configuration& configuration,
                                        const Problem& problem, const ExecutionPlan& plan,
                                        const comm::Communicator& communicator, PhaseTimes& times) {
  const TrainingSetup setup{configuration, problem, plan, communicator, times};
  return configuration.optimizer.takes_batches() ? make_mini_batch_training(setup)
                                                 : make_full_batch_training(setup);
}

}  // namespace annmpi::trainer
