#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/data/dataset.hpp"
#include "annmpi/network/network.hpp"
#include "annmpi/trainer/train.hpp"

namespace annmpi::output {

/// The contents of model.h5: a trained network.
struct Model {
  network::Network network;
  double feature_scale = 1;
  double l2 = 0;  ///< weight of the penalty in training
  std::vector<std::string> class_names;
  std::string selection;       ///< "best" or "last"
  std::int64_t iteration = 0;  ///< of the last parameters
  std::int64_t selected_iteration = 0;
  std::vector<double> last;      ///< theta at the end
  std::vector<double> selected;  ///< theta chosen by `selection`
};

/// The model of a training run; `last` and `selected` are in theta's order.
[[nodiscard]] Model make_model(const network::Network& network, const data::Dataset& training_set,
                               const config::Configuration::Model& settings,
                               std::vector<double> last, std::vector<double> selected,
                               const trainer::TrainingHistory& history);

/// Writes the file, complete or not at all. @throws Error as io::PendingFile.
void write_model(const std::string& path, const Model& model, bool overwrite);

/// @throws Error if the file is not a model or is damaged.
[[nodiscard]] Model read_model(const std::string& path);

/// XXH3, 128 bits, 32 hexadecimal digits, of the parameters as little-endian float64.
[[nodiscard]] std::string parameters_hash(const std::vector<double>& theta);

/// The initial parameters: the selected ones of the model settings.start_from, which rank 0 reads,
/// or network::initial_parameters if it is empty. Equal on all ranks. Collective.
/// @throws comm::AgreedError on all ranks if the file is not a model, or the model has another
/// network, feature scale or classes.
[[nodiscard]] std::vector<double> starting_parameters(const config::Configuration::Model& settings,
                                                      const network::Network& network,
                                                      const data::Dataset& training_set,
                                                      const comm::Communicator& communicator);

}  // namespace annmpi::output
