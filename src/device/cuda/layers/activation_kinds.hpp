#pragma once

namespace annmpi::device::cuda {

// As config::Activation and config::OutputUnit, whose headers are not for nvcc.
enum class Activation { sigmoid, tanh, relu };
enum class Output { sigmoid, softmax };

}  // namespace annmpi::device::cuda
