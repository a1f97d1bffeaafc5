#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "annmpi/base/vector_space.hpp"

namespace annmpi {

/// Elements [begin, begin + values.size()) of an array, by global index, in host memory.
struct StateRange {
  std::size_t begin;
  std::span<double> values;
};

/// How the ranks hold an array.
enum class StateLayout {
  replicated,  ///< every rank holds all elements, with equal values where they are used
  sharded,     ///< every element is held by exactly one rank
};

/// Enumerates the state of a run: everything needed to continue it with the same bits. An object
/// with state has one function
///
///     void visit_state(StateVisitor& visitor);
///
/// which passes its members to the visitor one by one, each under a name. The same function reads
/// and restores the state (as `archive & member` in Boost.Serialization): members are passed by
/// reference, and a visitor that restores() overwrites them. Objects then recompute derived state,
/// if visitor.restores().
///
/// Names are unique in their group and groups nest (StateGroup): the path of the vector s of a pair
/// is "method/lbfgs/pair_3/s". The names that an object visits may depend only on its construction
/// and on what it has visited before.
///
/// visit_state() is collective: all ranks visit the same names in the same order. Scalars, counters
/// and vectors are replicated. If only the deciding rank (rank 0) uses a value, only its value is
/// meaningful; all ranks receive it when the state is restored.
class StateVisitor {
 public:
  StateVisitor() = default;
  StateVisitor(const StateVisitor&) = delete;
  StateVisitor& operator=(const StateVisitor&) = delete;
  virtual ~StateVisitor() = default;

  /// Whether values are restored (true) or only read (false).
  [[nodiscard]] virtual bool restores() const = 0;

  void scalar(std::string_view name, double& value) { visit_scalar(path_of(name), value); }

  /// An integer or a bool, which is 0 or 1.
  template <std::integral Integer>
  void counter(std::string_view name, Integer& value) {
    auto number = static_cast<std::int64_t>(value);
    visit_counter(path_of(name), number);
    if (restores()) value = static_cast<Integer>(number);
  }

  void vector(std::string_view name, const VectorSpace& space, Vector& value) {
    visit_vector(path_of(name), space, value);
  }

  /// An array of `size` elements, of which this rank holds some ranges. Values that live elsewhere,
  /// or in another type that double represents exactly, are copied to host memory before and, if
  /// the visitor restores(), back afterwards.
  void array(std::string_view name, StateLayout layout, std::size_t size,
             std::span<const StateRange> held) {
    visit_array(path_of(name), layout, size, held);
  }
  /// A replicated array.
  void array(std::string_view name, std::span<double> values) {
    const StateRange all{0, values};
    array(name, StateLayout::replicated, values.size(), std::span(&all, 1));
  }

 private:
  friend class StateGroup;

  virtual void visit_scalar(std::string_view path, double& value) = 0;
  virtual void visit_counter(std::string_view path, std::int64_t& value) = 0;
  virtual void visit_vector(std::string_view path, const VectorSpace& space, Vector& value) = 0;
  virtual void visit_array(std::string_view path, StateLayout layout, std::size_t size,
                           std::span<const StateRange> held) = 0;

  [[nodiscard]] std::string path_of(std::string_view name) const {
    return group_ + std::string(name);
  }

  std::string group_;  // empty, or ends with '/'
};

/// Puts the names visited during its lifetime into a group.
class StateGroup {
 public:
  StateGroup(StateVisitor& visitor, std::string_view name)
      : visitor_(visitor), outer_size_(visitor.group_.size()) {
    visitor_.group_.append(name).push_back('/');
  }
  /// One of several numbered groups: name_0, name_1, ...
  StateGroup(StateVisitor& visitor, std::string_view name, std::size_t index)
      : StateGroup(visitor, std::string(name) + '_' + std::to_string(index)) {}
  StateGroup(const StateGroup&) = delete;
  StateGroup& operator=(const StateGroup&) = delete;
  ~StateGroup() { visitor_.group_.resize(outer_size_); }

 private:
  StateVisitor& visitor_;
  std::size_t outer_size_;
};

}  // namespace annmpi
