#pragma once

namespace annmpi::rules {

/// The norm of the gradient that is compared with the tolerance.
enum class GradientNorm { infinity, euclidean };

}  // namespace annmpi::rules
