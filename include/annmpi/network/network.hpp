#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "annmpi/config/configuration.hpp"
#include "annmpi/data/dataset.hpp"

namespace annmpi::network {

using config::Activation;
using config::OutputUnit;
using config::Precision;

/// One layer: z = a W^T + b with W [outputs, inputs] and b [outputs].
struct Layer {
  std::size_t inputs;
  std::size_t outputs;
  /// Offset of the layer in theta. Row j of [b | W] follows row j - 1: the bias first, then the
  /// weights of unit j.
  std::size_t offset;

  [[nodiscard]] std::size_t row_length() const { return inputs + 1; }
  [[nodiscard]] std::size_t size() const { return outputs * row_length(); }
};

/// The shape of a feed-forward network, and the layout of its parameters in the flat vector theta.
///
/// Layer l = 1..L (layers[l - 1]) maps n_{l-1} to n_l values:
///   z_l = a_{l-1} W_l^T + b_l,   a_0 = X,   a_l = act(z_l) for l < L;  z_L are the logits.
struct Network {
  std::vector<Layer> layers;
  Activation activation = Activation::sigmoid;
  OutputUnit output = OutputUnit::sigmoid;

  [[nodiscard]] std::size_t inputs() const { return layers.front().inputs; }
  [[nodiscard]] std::size_t classes() const { return layers.back().outputs; }
  /// Of all hidden layers: n_1 + ... + n_{L-1}
  [[nodiscard]] std::size_t hidden_units() const;
  /// Length of theta.
  [[nodiscard]] std::size_t parameters() const {
    return layers.back().offset + layers.back().size();
  }
  /// n_0, n_1, ..., n_L
  [[nodiscard]] std::vector<std::int64_t> sizes() const;
};

/// A network with layer sizes n_0 ... n_L.
[[nodiscard]] Network make_network(const std::vector<std::int64_t>& sizes, Activation activation,
                                   OutputUnit output);

/// The configured network, from the features to the classes of the data.
/// @throws Error for softmax with one class.
[[nodiscard]] Network make_network(const config::Configuration::Model& model,
                                   const data::Dataset& data);

/// "1024-8-3, sigmoid hidden units, sigmoid outputs, 8227 parameters"
[[nodiscard]] std::string describe(const Network& network);

/// Whether a trial along a line should be a forward pass with its tangent (two scalars, 3 products
/// per upper layer) instead of a full gradient from the carried pre-activations. With F1 products
/// of the first layer and F of the others per row, conjugate gradients make 1.8 trials per
/// iteration, and gradients waste F1 + 3 F on all but the last: the tangent pays if 2 F < 0.9 F1.
/// The result depends on shapes alone, so that all ranks decide alike.
[[nodiscard]] bool tangent_trials_pay(const Network& network);

/// The class of the largest logit; the first one on ties.
[[nodiscard]] std::int32_t predicted_class(std::span<const double> logits);

/// Converts one row of logits to probabilities, in place: one logistic function per class for
/// sigmoid outputs, softmax otherwise.
void to_probabilities(OutputUnit output, std::span<double> logits);

/// Initial parameters, drawn in theta's order.
///
/// Numbers in [0, 1) come from MT19937 seeded by init_genrand(seed), as doubles of 53 bits: NumPy's
/// legacy RandomState(seed).rand(), so that other programs can start from the same parameters
/// (Matsumoto and Nishimura 1998, ACM TOMACS 8, 3; genrand_res53). They become uniform in [-a, a):
///
///     uniform   a = init_half_width; weights and biases
///     glorot    a = sqrt(6 / (inputs + outputs)) of the layer (X. Glorot, Y. Bengio, AISTATS 2010,
///               equation 16)
///     he        a = sqrt(6 / inputs), the variance 2 / inputs of K. He et al., ICCV 2015, equation
///               10; uniform, not normal, to use correctly rounded operations only
///
/// With the latter two, biases are 0 and no numbers are drawn for them: the weights of layer l
/// are rand(outputs, inputs), layer after layer.
[[nodiscard]] std::vector<double> initial_parameters(const Network& network,
                                                     const config::Configuration::Model& model);

/// The same with init = uniform.
[[nodiscard]] std::vector<double> initial_parameters(const Network& network, double half_width,
                                                     std::uint32_t seed);

}  // namespace annmpi::network
