#pragma once

#include <cmath>

#include "annmpi/rules/parameter_update.hpp"

namespace annmpi::device::cuda::mini_batch {

/// Constants of an update (formulas: ParameterUpdate) in the precision of the step, rounded as on
/// the CPU.
template <class Real>
struct StepNumbers {
  Real share;  ///< 1 / rows of the batch
  Real penalty;
  double clip_norm;
  bool adam, nesterov, decays;
  Real back;  ///< -rate, with Adam's first bias correction
  Real momentum;
  Real beta1, share1, beta2, share2, widen, epsilon, keep;

  StepNumbers() = default;
  StepNumbers(const ParameterUpdate& update, int rows)
      : share(static_cast<Real>(1 / static_cast<double>(rows))),
        penalty(static_cast<Real>(update.penalty)),
        clip_norm(update.clip_norm),
        adam(update.method == ParameterUpdate::Method::adam),
        nesterov(update.constants.nesterov),
        decays(adam && update.decay != 0),
        back(static_cast<Real>(adam ? -update.rate / update.correction1 : -update.rate)),
        momentum(static_cast<Real>(update.constants.momentum)),
        beta1(static_cast<Real>(update.constants.beta1)),
        share1(static_cast<Real>(1 - update.constants.beta1)),
        beta2(static_cast<Real>(update.constants.beta2)),
        share2(static_cast<Real>(1 - update.constants.beta2)),
        widen(static_cast<Real>(1 / std::sqrt(update.correction2))),
        epsilon(static_cast<Real>(update.constants.epsilon)),
        keep(static_cast<Real>(1 - update.decay)) {}
};

}  // namespace annmpi::device::cuda::mini_batch
