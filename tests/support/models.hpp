#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "annmpi/output/model_file.hpp"

namespace annmpi::tests {

/// A model with these layers and all parameters 0, for tests to fill in.
inline output::Model blank_model(const std::vector<std::int64_t>& sizes,
                                 config::OutputUnit output_unit = config::OutputUnit::sigmoid) {
  output::Model model;
  model.network = network::make_network(sizes, config::Activation::tanh, output_unit);
  for (std::int64_t k = 0; k < sizes.back(); ++k)
    model.class_names.push_back("class " + std::to_string(k));
  model.selection = "best";
  model.last.resize(model.network.parameters());
  model.selected.resize(model.network.parameters());
  return model;
}

}  // namespace annmpi::tests
