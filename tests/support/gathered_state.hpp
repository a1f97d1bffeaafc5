#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "annmpi/comm/communicator.hpp"

#include "support/saved_state.hpp"

namespace annmpi::tests {

/// Gathers the state of all ranks on each of them. Collective. Every element of a sharded array
/// must be held by exactly one rank. Replicated values are taken from rank 0, since its values are
/// always meaningful.
class StateGatherer final : public StateVisitor {
 public:
  StateGatherer(SavedState& saved, const comm::Communicator& ranks)
      : saved_(saved), ranks_(ranks) {}
  [[nodiscard]] bool restores() const override { return false; }

 private:
  void visit_scalar(std::string_view path, double& value) override {
    double of_root = value;
    ranks_.from_root(std::as_writable_bytes(std::span(&of_root, 1)));
    saved_.scalars.emplace(path, of_root);
  }
  void visit_counter(std::string_view path, std::int64_t& value) override {
    std::int64_t of_root = value;
    ranks_.from_root(std::as_writable_bytes(std::span(&of_root, 1)));
    saved_.counters.emplace(path, of_root);
  }
  void visit_vector(std::string_view path, const VectorSpace& space, Vector& value) override {
    std::vector<double> elements(space.dimension());
    space.download(value, elements);
    const StateRange all{0, elements};
    visit_array(path, StateLayout::replicated, elements.size(), std::span(&all, 1));
  }
  void visit_array(std::string_view path, StateLayout layout, std::size_t size,
                   std::span<const StateRange> held) override {
    const std::string where(path);
    std::vector<std::int64_t> bits(size), holders(size);
    for (const StateRange& range : held)
      for (std::size_t i = 0; i < range.values.size(); ++i) {
        bits.at(range.begin + i) = std::bit_cast<std::int64_t>(range.values[i]);
        ++holders[range.begin + i];
      }
    if (layout == StateLayout::sharded) {
      ranks_.sum(bits);
      ranks_.sum(holders);
    } else {
      ranks_.from_root(std::as_writable_bytes(std::span(bits)));
    }
    for (const std::int64_t number : holders)
      if (number != 1) throw std::logic_error("not held once: " + where);
    std::vector<double> elements;
    for (const std::int64_t element : bits) elements.push_back(std::bit_cast<double>(element));
    if (!saved_.arrays.emplace(where, std::move(elements)).second)
      throw std::logic_error("visited twice: " + where);
  }

  SavedState& saved_;
  const comm::Communicator& ranks_;
};

}  // namespace annmpi::tests
