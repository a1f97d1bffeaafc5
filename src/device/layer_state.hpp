#pragma once

#include <cstddef>
#include <string_view>

#include "annmpi/base/error.hpp"
#include "annmpi/base/state.hpp"

namespace annmpi::device {

/// Visits the state of a mini-batch device under the names that all devices share: the number of
/// optimizer state vectors (states_of), then by layer the parameters and these vectors.
///
/// Calls make_room(states) if the visitor restores, then visit(l, name, vector) for vector 0 (the
/// parameters) and state vectors 1 and 2 of layers[l].
/// @throws Error if no update has that number of state vectors.
template <class MakeRoom, class Visit>
void visit_layers(StateVisitor& visitor, std::size_t layers, int states, MakeRoom&& make_room,
                  Visit&& visit) {
  constexpr std::string_view names[] = {"parameters", "state_1", "state_2"};
  visitor.counter("states", states);
  require(states >= 0 && states <= 2,
          "a state of {} vectors beside the parameters cannot be restored (updates have 0 to 2); "
          "restore another one",
          states);
  if (visitor.restores()) make_room(states);
  for (std::size_t l = 0; l < layers; ++l) {
    const StateGroup group(visitor, "layer", l + 1);
    for (int vector = 0; vector <= states; ++vector) visit(l, names[vector], vector);
  }
}

}  // namespace annmpi::device
