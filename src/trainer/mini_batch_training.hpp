#pragma once

#include <memory>

#include "annmpi/trainer/training.hpp"

#include "trainer/training_setup.hpp"

namespace annmpi::trainer {

/// Stochastic methods: every step uses a mini-batch.
[[nodiscard]] std::unique_ptr<Training> make_mini_batch_training(const TrainingSetup& setup);

}  // namespace annmpi::trainer
