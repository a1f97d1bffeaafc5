#include "annmpi/trainer/training.hpp"

#include "trainer/full_batch_training.hpp"
#include "trainer/mini_batch_training.hpp"

namespace annmpi::trainer {

std::unique_ptr<Training> make_training(const TrainingSetup& setup) {
  return setup.configuration.optimizer.takes_batches() ? make_mini_batch_training(setup)
                                                       : make_full_batch_training(setup);
}

}  // namespace annmpi::trainer
