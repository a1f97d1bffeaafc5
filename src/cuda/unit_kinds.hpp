#pragma once

namespace annmpi::cuda {

// As model::Activation and model::OutputUnit, whose headers are not for nvcc.
enum class Unit { sigmoid, tanh, relu };
enum class Output { sigmoid, softmax };

}  // namespace annmpi::cuda
