#include "device/cuda/rows/features.hpp"

#include "annmpi/io/hdf5.hpp"

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

}  // namespace annmpi::device::cuda
