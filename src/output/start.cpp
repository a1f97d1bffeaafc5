#include "annmpi/output/start.hpp"

#include <span>
#include <string>
#include <utility>

#include <fmt/ranges.h>

#include "annmpi/output/model_file.hpp"

namespace annmpi::output {
namespace {

std::vector<double> parameters_in(const std::string& path, const network::Network& network,
                                  const data::Dataset& training_set) {
  Model start = read_model(path);
  const std::string given = network::describe(start.network);
  const std::string wanted = network::describe(network);
  require(given == wanted,
          "model.start_from = {}: does not fit ({}; the configuration and the data make {}); give "
          "model.hidden, hidden_activation and output as the model has them, or start from another",
          path, given, wanted);
  require(
      start.feature_scale == training_set.feature_scale,
      "model.start_from = {}: does not fit (it was trained on features of scale {}, those of {} "
      "have scale {}); convert the data with that scale, or start from another",
      path, start.feature_scale, training_set.path, training_set.feature_scale);
  require(start.class_names == training_set.class_names,
          "model.start_from = {}: does not fit (its classes are {}, those of {} are {}); convert "
          "the data with the same classes in the same order, or start from another",
          path, fmt::join(start.class_names, ", "), training_set.path,
          fmt::join(training_set.class_names, ", "));
  return std::move(start.selected);
}

}  // namespace

std::vector<double> starting_parameters(const config::Configuration::Model& settings,
                                        const network::Network& network,
                                        const data::Dataset& training_set,
                                        const comm::Communicator& communicator) {
  if (settings.start_from.empty()) return network::initial_parameters(network, settings);
  std::vector<double> theta(network.parameters());
  communicator.on_root([&] { theta = parameters_in(settings.start_from, network, training_set); });
  communicator.from_root(std::as_writable_bytes(std::span(theta)));
  return theta;
}

}  // namespace annmpi::output
