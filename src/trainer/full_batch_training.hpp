#pragma once

#include <memory>

#include "annmpi/trainer/training.hpp"

#include "trainer/training_setup.hpp"

namespace annmpi::trainer {

/// Line-search methods: every step uses all rows.
[[nodiscard]] std::unique_ptr<Training> make_full_batch_training(const TrainingSetup& setup);

}  // namespace annmpi::trainer
