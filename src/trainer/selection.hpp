#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "annmpi/base/state.hpp"
#include "annmpi/trainer/train.hpp"

namespace annmpi::trainer {

/// Keeps the parameters that model.selection chooses: the best so far, or the last.
class SelectionKeeper {
 public:
  SelectionKeeper(const VectorSpace& space, config::Selection selection)
      : space_(space), selection_(selection), theta_(space.zero()) {}

  void consider(const Record& record, const Vector& theta) {
    const bool better = !record_ || selection_ == config::Selection::last ||
                        record.judged_cost() < record_->judged_cost();
    if (!better) return;
    record_ = record;
    // The last parameters are copied once, in finish().
    if (selection_ == config::Selection::best) space_.copy(theta, *theta_);
  }

  void finish(const Vector& theta, TrainingResult& result) {
    if (selection_ == config::Selection::last) space_.copy(theta, *theta_);
    result.history.selected = *record_;
    result.selected_theta = std::move(theta_);
  }

  /// Saves after consider(), or restores instead of the first consider().
  void visit_state(StateVisitor& visitor) {
    if (!record_) record_.emplace();
    record_->visit_state(visitor);
    if (selection_ == config::Selection::best) visitor.vector("theta", space_, *theta_);
  }

 private:
  const VectorSpace& space_;
  config::Selection selection_;
  std::unique_ptr<Vector> theta_;
  std::optional<Record> record_;
};

}  // namespace annmpi::trainer
