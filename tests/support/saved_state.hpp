#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "annmpi/base/state.hpp"

namespace annmpi::tests {

/// State in memory, by path.
struct SavedState {
  std::map<std::string, double, std::less<>> scalars;
  std::map<std::string, std::int64_t, std::less<>> counters;
  /// Vectors and arrays; NaN where this rank holds no element.
  std::map<std::string, std::vector<double>, std::less<>> arrays;

  [[nodiscard]] std::vector<std::string> paths() const {
    std::vector<std::string> all;
    for (const auto& [path, value] : scalars) all.push_back(path);
    for (const auto& [path, value] : counters) all.push_back(path);
    for (const auto& [path, value] : arrays) all.push_back(path);
    return all;
  }
};

/// Reads state into a SavedState. A path that is visited twice is an error.
class StateSaver final : public StateVisitor {
 public:
  explicit StateSaver(SavedState& saved) : saved_(saved) {}
  [[nodiscard]] bool restores() const override { return false; }

 private:
  void visit_scalar(std::string_view path, double& value) override {
    add(saved_.scalars, path, value);
  }
  void visit_counter(std::string_view path, std::int64_t& value) override {
    add(saved_.counters, path, value);
  }
  void visit_vector(std::string_view path, const VectorSpace& space, Vector& value) override {
    std::vector<double> elements(space.dimension());
    space.download(value, elements);
    add(saved_.arrays, path, std::move(elements));
  }
  void visit_array(std::string_view path, StateLayout, std::size_t size,
                   std::span<const StateRange> held) override {
    std::vector<double> elements(size, std::numeric_limits<double>::quiet_NaN());
    for (const StateRange& range : held)
      for (std::size_t i = 0; i < range.values.size(); ++i)
        elements.at(range.begin + i) = range.values[i];
    add(saved_.arrays, path, std::move(elements));
  }

  template <class Value>
  static void add(std::map<std::string, Value, std::less<>>& values, std::string_view path,
                  Value value) {
    if (!values.emplace(path, std::move(value)).second)
      throw std::logic_error("visited twice: " + std::string(path));
  }

  SavedState& saved_;
};

/// Restores a SavedState, except for the value at the path `skipped`. A path that was not saved is
/// an error.
class StateRestorer final : public StateVisitor {
 public:
  explicit StateRestorer(const SavedState& saved, std::string_view skipped = {})
      : saved_(saved), skipped_(skipped) {}
  [[nodiscard]] bool restores() const override { return true; }

  /// Number of restored values.
  [[nodiscard]] std::size_t restored() const { return restored_; }

 private:
  void visit_scalar(std::string_view path, double& value) override {
    if (is_wanted(path)) value = find(saved_.scalars, path);
  }
  void visit_counter(std::string_view path, std::int64_t& value) override {
    if (is_wanted(path)) value = find(saved_.counters, path);
  }
  void visit_vector(std::string_view path, const VectorSpace& space, Vector& value) override {
    if (is_wanted(path)) space.upload(find(saved_.arrays, path), value);
  }
  void visit_array(std::string_view path, StateLayout, std::size_t,
                   std::span<const StateRange> held) override {
    if (!is_wanted(path)) return;
    const std::vector<double>& elements = find(saved_.arrays, path);
    for (const StateRange& range : held)
      for (std::size_t i = 0; i < range.values.size(); ++i)
        range.values[i] = elements.at(range.begin + i);
  }

  bool is_wanted(std::string_view path) {
    if (path == skipped_) return false;
    ++restored_;
    return true;
  }
  template <class Value>
  static const Value& find(const std::map<std::string, Value, std::less<>>& values,
                           std::string_view path) {
    const auto found = values.find(path);
    if (found == values.end()) throw std::logic_error("not saved: " + std::string(path));
    return found->second;
  }

  const SavedState& saved_;
  std::string skipped_;
  std::size_t restored_ = 0;
};

}  // namespace annmpi::tests
