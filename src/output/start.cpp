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
  require(
      given == wanted,
      "model.start_from = {}: has another network ({}; the configuration and the data require {}); "
      "set model.hidden, hidden_activation and output to the model's, or choose another model",
      path, given, wanted);
  require(
      start.feature_scale == training_set.feature_scale,
      "model.start_from = {}: was trained with another feature scale ({}, but {} has {}); convert "
      "the data with the model's scale, or choose another model",
      path, start.feature_scale, training_set.path, training_set.feature_scale);
  require(start.class_names == training_set.class_names,
          "model.start_from = {}: has other classes ({}, but {} has {}); convert the data with the "
          "same classes in the same order, or choose another model",
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
