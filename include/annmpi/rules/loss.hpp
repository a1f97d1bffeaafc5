#pragma once

namespace annmpi::rules {

/// Output units, each with its cross-entropy loss.
enum class OutputUnit { sigmoid, softmax };

}  // namespace annmpi::rules
