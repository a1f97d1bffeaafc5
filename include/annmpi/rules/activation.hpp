#pragma once

namespace annmpi::rules {

/// Activation functions of hidden units.
enum class Activation { sigmoid, tanh, relu };

}  // namespace annmpi::rules
