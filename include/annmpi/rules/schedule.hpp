#pragma once

namespace annmpi::rules {

/// How the learning rate changes over the epochs (optimizer/learning_rate.hpp has the formulas).
enum class Schedule { constant, step, cosine };

}  // namespace annmpi::rules
