#pragma once

#include <cstddef>
#include <functional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "annmpi/base/objective.hpp"

#include "support/host_vector_space.hpp"

namespace annmpi::tests {

/// An objective given by a formula, which records its calls. A test may modify its results.
class AnalyticObjective final : public Objective {
 public:
  /// Returns the cost at x and fills in the gradient, which has the size of x.
  using Function =
      std::function<double(const std::vector<double>& x, std::vector<double>& gradient)>;

  struct ProbeRecord {
    double step;
    Probe result;
  };

  AnalyticObjective(Function function, std::vector<double> start)
      : theta(std::move(start)), function_(std::move(function)), space_(theta.size()) {}

  [[nodiscard]] const HostVectorSpace& space() const override { return space_; }

  double evaluate(Vector& gradient) override {
    direction_ = nullptr;
    return function_(theta, values_of(gradient));
  }

  void aim(const Vector& direction) override { direction_ = &values_of(direction); }

  Probe probe(double step) override {
    std::vector<double> gradient(theta.size());
    Probe result{function_(point_at(step), gradient), 0.0};
    for (std::size_t i = 0; i < theta.size(); ++i) result.slope += gradient[i] * direction().at(i);
    if (spoil_probe) spoil_probe(step, result);
    probes.push_back({step, result});
    return result;
  }

  void gradient_at(double step, Vector& gradient) override {
    function_(point_at(step), values_of(gradient));
    if (spoil_gradient) spoil_gradient(values_of(gradient));
    gradients_at.push_back(step);
  }

  void commit(double step) override {
    theta = point_at(step);
    commits.push_back(step);
  }

  void visit_state(StateVisitor& visitor) override {
    visitor.array("theta", theta);
    if (visitor.restores()) direction_ = nullptr;
  }

  /// The direction of the last aim().
  [[nodiscard]] const std::vector<double>& direction() const {
    if (direction_ == nullptr) throw std::logic_error("the objective was never aimed");
    return *direction_;
  }

  [[nodiscard]] double cost() const {
    std::vector<double> ignored(theta.size());
    return function_(theta, ignored);
  }

  std::vector<double> theta;
  std::vector<ProbeRecord> probes;
  std::vector<double> gradients_at;
  std::vector<double> commits;
  std::function<void(double step, Probe&)> spoil_probe;
  std::function<void(std::vector<double>&)> spoil_gradient;

 private:
  [[nodiscard]] std::vector<double> point_at(double step) const {
    std::vector<double> point(theta);
    for (std::size_t i = 0; i < point.size(); ++i) point[i] += step * direction().at(i);
    return point;
  }

  Function function_;
  HostVectorSpace space_;
  const std::vector<double>* direction_ = nullptr;
};

}  // namespace annmpi::tests
