#include "cuda/kinds.hpp"

#include <stdexcept>

namespace annmpi::cuda {

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

Unit unit_of(model::Activation activation) {
  switch (activation) {
    case model::Activation::sigmoid:
      return Unit::sigmoid;
    case model::Activation::tanh:
      return Unit::tanh;
    case model::Activation::relu:
      break;
  }
  return Unit::relu;
}

Output output_of(model::OutputUnit output) {
  return output == model::OutputUnit::softmax ? Output::softmax : Output::sigmoid;
}

}  // namespace annmpi::cuda
