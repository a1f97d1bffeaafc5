#include "optimizer/curvature_memory.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "annmpi/base/error.hpp"

namespace annmpi {

CurvatureMemory::CurvatureMemory(const VectorSpace& space, std::size_t capacity, double scale)
    : space_(space),
      scale_(scale),
      pairs_(capacity + 1),
      order_(capacity),
      sy_(pairs_.size() * pairs_.size()),
      yy_(sy_.size()),
      u_(capacity) {
  for (Pair& pair : pairs_) {
    pair.s = space_.zero();
    pair.y = space_.zero();
  }
  // measure(): four per pair, and g.g.
  to_dot_.reserve(4 * pairs_.size() + 1);
  dots_.resize(to_dot_.capacity());
  terms_.reserve(2 * capacity + 1);
  for (std::size_t age = 0; age < capacity; ++age) order_[age] = age + 1;
}

void CurvatureMemory::form_pair(double step, const Vector& direction, const Vector& before,
                                const Vector& gradient) {
  const std::array<const Vector*, 1> moved{&direction};
  space_.linear_combination(std::array{step}, moved, *pairs_[free_slot_].s);
  const std::array<const Vector*, 2> gradients{&gradient, &before};
  space_.linear_combination(std::array{1.0, -1.0}, gradients, *pairs_[free_slot_].y);
}

CurvatureMemory::Measured CurvatureMemory::measure(const Vector& gradient) {
  to_dot_.clear();
  const Pair& added = pairs_[free_slot_];
  const auto add_dots = [&](const Pair& pair) {
    to_dot_.push_back({pair.s.get(), added.y.get()});
    to_dot_.push_back({pair.y.get(), added.y.get()});
    to_dot_.push_back({pair.s.get(), &gradient});
    to_dot_.push_back({pair.y.get(), &gradient});
  };
  for (std::size_t age = 0; age < size_; ++age) add_dots(pairs_[order_[age]]);
  add_dots(added);
  to_dot_.push_back({&gradient, &gradient});
  space_.multi_dot(to_dot_, std::span(dots_).first(to_dot_.size()));

  const double* next = dots_.data();
  const auto take = [&](std::size_t slot) {
    sy(slot, free_slot_) = *next++;
    yy(slot, free_slot_) = yy(free_slot_, slot) = *next++;
    pairs_[slot].s_gradient = *next++;
    pairs_[slot].y_gradient = *next++;
  };
  for (std::size_t age = 0; age < size_; ++age) take(order_[age]);
  take(free_slot_);
  const double gradient_square = *next;

  // s.g at the start of the line is s.g here less s.y.
  const double curvature = sy(free_slot_, free_slot_);
  const double before = added.s_gradient - curvature;
  const bool positive = curvature > std::numeric_limits<double>::epsilon() * std::abs(before);
  return {gradient_square, positive && std::isfinite(yy(free_slot_, free_slot_))};
}

void CurvatureMemory::keep_pair() {
  if (size_ < capacity()) {
    std::swap(order_[size_++], free_slot_);
    return;
  }
  std::swap(order_.front(), free_slot_);
  std::rotate(order_.begin(), order_.begin() + 1, order_.end());
}

double CurvatureMemory::solve(double gradient_square, std::span<double> coefficients) {
  const std::span<double> of_s = coefficients.first(size_);
  const std::span<double> of_y = coefficients.subspan(size_, size_);
  const std::size_t newest = order_[size_ - 1];
  const double gamma = scale_ * sy(newest, newest) / yy(newest, newest);

  // R u = S^T g
  for (std::size_t i = size_; i-- > 0;) {
    const std::size_t row = order_[i];
    double rest = pairs_[row].s_gradient;
    for (std::size_t j = i + 1; j < size_; ++j) rest -= sy(row, order_[j]) * u_[j];
    u_[i] = rest / sy(row, row);
  }
  // R^T v = D u + gamma (Y^T Y u - Y^T g); -H g = -S v + gamma Y u - gamma g
  double slope = -gamma * gradient_square;
  for (std::size_t i = 0; i < size_; ++i) {
    const std::size_t row = order_[i];
    double product = -pairs_[row].y_gradient;
    for (std::size_t j = 0; j < size_; ++j) product += yy(row, order_[j]) * u_[j];
    double rest = sy(row, row) * u_[i] + gamma * product;
    for (std::size_t j = 0; j < i; ++j) rest += sy(order_[j], row) * of_s[j];  // of_s is -v
    of_s[i] = -rest / sy(row, row);
    of_y[i] = gamma * u_[i];
    slope += of_s[i] * pairs_[row].s_gradient + of_y[i] * pairs_[row].y_gradient;
  }
  coefficients[2 * size_] = -gamma;
  return slope;
}

void CurvatureMemory::combine(std::span<const double> coefficients, const Vector& gradient,
                              Vector& direction) {
  terms_.clear();
  for (std::size_t age = 0; age < size_; ++age) terms_.push_back(pairs_[order_[age]].s.get());
  for (std::size_t age = 0; age < size_; ++age) terms_.push_back(pairs_[order_[age]].y.get());
  terms_.push_back(&gradient);
  space_.linear_combination(coefficients, terms_, direction);
}

void CurvatureMemory::visit_state(StateVisitor& visitor) {
  std::size_t pairs = size_;
  visitor.counter("pairs", pairs);
  require(pairs <= capacity(),
          "a state of {} pairs cannot be restored (memory = {}) choose a memory of {} or more",
          pairs, capacity(), pairs);
  size_ = pairs;
  for (std::size_t age = 0; age < size_; ++age) {
    const StateGroup group(visitor, "pair", age);
    const std::size_t slot = order_[age];
    Pair& pair = pairs_[slot];
    visitor.vector("s", space_, *pair.s);
    visitor.vector("y", space_, *pair.y);
    visitor.scalar("s_gradient", pair.s_gradient);
    visitor.scalar("y_gradient", pair.y_gradient);
    // With this pair and all younger ones.
    const std::span<const std::size_t> younger = std::span(order_).subspan(age, size_ - age);
    const std::span<double> products = std::span(u_).first(younger.size());
    for (std::size_t i = 0; i < younger.size(); ++i) products[i] = sy(slot, younger[i]);
    visitor.array("s_y", products);
    for (std::size_t i = 0; i < younger.size(); ++i) sy(slot, younger[i]) = products[i];
    for (std::size_t i = 0; i < younger.size(); ++i) products[i] = yy(slot, younger[i]);
    visitor.array("y_y", products);
    for (std::size_t i = 0; i < younger.size(); ++i)
      yy(slot, younger[i]) = yy(younger[i], slot) = products[i];
  }
}

}  // namespace annmpi
