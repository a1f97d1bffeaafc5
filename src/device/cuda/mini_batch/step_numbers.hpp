#pragma once

#include "annmpi/rules/parameter_update.hpp"
#include "annmpi/rules/update_scalars-inl.hpp"

namespace annmpi::device::cuda::mini_batch {

/// Constants of an update in the precision of the step, rounded as on the CPU.
template <class Real>
struct StepNumbers {
  Real share;  ///< 1 / rows of the batch
  Real penalty;
  double clip_norm;
  UpdateRule rule;
  rules::scalar::UpdateScalars<Real> scalars;

  StepNumbers() = default;
  StepNumbers(const ParameterUpdate& update, int rows)
      : share(static_cast<Real>(1 / static_cast<double>(rows))),
        penalty(static_cast<Real>(update.penalty)),
        clip_norm(update.clip_norm),
        rule(update.rule),
        scalars(rules::scalar::converted(rules::scalar::scalars_of(update),
                                         [](double value) { return static_cast<Real>(value); })) {}
};

}  // namespace annmpi::device::cuda::mini_batch
