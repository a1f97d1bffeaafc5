#include "device/cuda/layers/kinds.hpp"

#include <stdexcept>

namespace annmpi::device::cuda {

Stored stored_as(io::ElementType type) {
  switch (type) {
    case io::ElementType::uint8:
      return Stored::bytes;
    case io::ElementType::float32:
      return Stored::floats;
    case io::ElementType::float64:
      return Stored::doubles;
    default:
      throw std::logic_error("features of a type that no data file may have");
  }
}

Activation activation_of(config::Activation activation) {
  switch (activation) {
    case config::Activation::sigmoid:
      return Activation::sigmoid;
    case config::Activation::tanh:
      return Activation::tanh;
    case config::Activation::relu:
      break;
  }
  return Activation::relu;
}

Output output_of(config::OutputUnit output) {
  return output == config::OutputUnit::softmax ? Output::softmax : Output::sigmoid;
}

}  // namespace annmpi::device::cuda
