#include "annmpi/output/model_file.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include <fmt/ranges.h>

#include "annmpi/base/error.hpp"
#include "annmpi/base/hash.hpp"
#include "annmpi/io/hdf5.hpp"
#include "annmpi/io/pending_file.hpp"

namespace annmpi::output {
namespace {

constexpr std::int64_t schema = 1;

std::string layer_path(const std::string& group, std::size_t index) {
  return fmt::format("{}/layer_{}", group, index + 1);
}

void write_parameters(io::Hdf5File& file, const std::string& group, const network::Network& network,
                      const std::vector<double>& theta) {
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const network::Layer& layer = network.layers[l];
    std::vector<double> weights, bias;
    for (std::size_t j = 0; j < layer.outputs; ++j) {
      const auto* row = theta.data() + layer.offset + j * layer.row_length();
      bias.push_back(row[0]);
      weights.insert(weights.end(), row + 1, row + layer.row_length());
    }
    file.create_dataset(layer_path(group, l) + "/weights", io::ElementType::float64,
                        {layer.outputs, layer.inputs})
        .write_rows<double>(0, layer.outputs, weights);
    file.create_dataset(layer_path(group, l) + "/bias", io::ElementType::float64, {layer.outputs})
        .write_rows<double>(0, layer.outputs, bias);
  }
}

std::vector<double> read_parameters(const io::Hdf5File& file, const std::string& group,
                                    const network::Network& network) {
  // Grown layer by layer, so that wrong layer sizes fail in the shapes before memory is exhausted.
  std::vector<double> theta;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const network::Layer& layer = network.layers[l];
    const io::Hdf5Dataset weights = file.dataset(layer_path(group, l) + "/weights");
    const io::Hdf5Dataset bias = file.dataset(layer_path(group, l) + "/bias");
    require(weights.shape() == std::vector<std::uint64_t>{layer.outputs, layer.inputs} &&
                bias.shape() == std::vector<std::uint64_t>{layer.outputs},
            "{}: has other shapes than layer_sizes says (the model is damaged); copy the "
            "file again, or train again",
            weights.label());
    theta.resize(layer.offset + layer.size());
    std::vector<double> w(layer.outputs * layer.inputs), b(layer.outputs);
    weights.read_rows<double>(0, layer.outputs, w);
    bias.read_rows<double>(0, layer.outputs, b);
    for (std::size_t j = 0; j < layer.outputs; ++j) {
      double* row = theta.data() + layer.offset + j * layer.row_length();
      row[0] = b[j];
      std::copy_n(w.data() + j * layer.inputs, layer.inputs, row + 1);
    }
  }
  return theta;
}

/// The value of an enumeration from an attribute with its name.
template <class Enumeration>
Enumeration named_attribute(const io::Hdf5File& file, const std::string& attribute) {
  const std::string name = file.text(attribute);
  const std::optional<Enumeration> value = config::value_named<Enumeration>(name);
  require(value.has_value(),
          "{}: attribute \"{}\" is \"{}\" (unknown to this version); use the version of "
          "annmpi that wrote the file",
          file.path(), attribute, name);
  return *value;
}

}  // namespace

Model make_model(const network::Network& network, const data::Dataset& training_set,
                 const config::Configuration::Model& settings, std::vector<double> last,
                 std::vector<double> selected, const trainer::TrainingHistory& history) {
  return {.network = network,
          .feature_scale = training_set.feature_scale,
          .l2 = settings.l2,
          .class_names = training_set.class_names,
          .selection = std::string(config::name_of(settings.selection)),
          .iteration = history.last.iteration,
          .selected_iteration = history.selected.iteration,
          .last = std::move(last),
          .selected = std::move(selected)};
}

void write_model(const std::string& path, const Model& model, bool overwrite) {
  io::PendingFile pending(path, overwrite);
  io::Hdf5File file = io::Hdf5File::create(pending.temporary_path(), path);
  file.set_attribute("annmpi_schema", schema);
  file.set_attribute("feature_scale", model.feature_scale);
  file.set_attribute("l2", model.l2);
  file.set_attribute("class_names", model.class_names);
  file.set_attribute("hidden_activation", std::string(config::name_of(model.network.activation)));
  file.set_attribute("output", std::string(config::name_of(model.network.output)));
  file.set_attribute("layer_sizes", model.network.sizes());
  file.set_attribute("iteration", model.iteration);
  file.set_attribute("selection", model.selection);
  file.set_attribute("selected_iteration", model.selected_iteration);
  file.set_attribute("parameters_hash", parameters_hash(model.last));
  file.set_attribute("selected_hash", parameters_hash(model.selected));
  write_parameters(file, "last", model.network, model.last);
  write_parameters(file, "selected", model.network, model.selected);
  file.close();
  pending.commit();
}

Model read_model(const std::string& path) {
  const io::Hdf5File file = io::Hdf5File::open(path);
  require(
      file.has_attribute("layer_sizes"),
      "{}: is not a model of annmpi (it has no attribute \"layer_sizes\"); give a run's model.h5",
      path);
  require(file.integer("annmpi_schema") == schema,
          "{}: has schema {} (this version supports schema {}); use the version of annmpi that "
          "wrote the file",
          path, file.integer("annmpi_schema"), schema);
  const std::vector<std::int64_t> sizes = file.integers("layer_sizes");
  require(sizes.size() >= 2 && std::ranges::all_of(sizes, [](auto size) { return size > 0; }),
          "{}: attribute \"layer_sizes\" is not a valid network (the model is damaged); copy the "
          "file again, or train again",
          path);
  Model model;
  model.network =
      network::make_network(sizes, named_attribute<config::Activation>(file, "hidden_activation"),
                            named_attribute<config::OutputUnit>(file, "output"));
  model.feature_scale = file.real("feature_scale");
  model.l2 = file.real("l2");
  model.class_names = file.texts("class_names");
  require(
      model.class_names.size() == model.network.classes(),
      "{}: has names of {} classes for {} outputs (the model is damaged); copy the file again, or "
      "train again",
      path, model.class_names.size(), model.network.classes());
  model.selection = file.text("selection");
  model.iteration = file.integer("iteration");
  model.selected_iteration = file.integer("selected_iteration");
  model.last = read_parameters(file, "last", model.network);
  model.selected = read_parameters(file, "selected", model.network);
  require(parameters_hash(model.last) == file.text("parameters_hash") &&
              parameters_hash(model.selected) == file.text("selected_hash"),
          "{}: does not match its hash of the parameters (the model is damaged); copy the file "
          "again, or "
          "train again",
          path);
  return model;
}

std::string parameters_hash(const std::vector<double>& theta) {
  return hash128_text(std::as_bytes(std::span(theta)));
}

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
