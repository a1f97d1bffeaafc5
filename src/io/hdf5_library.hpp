#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <hdf5.h>

#include "annmpi/io/hdf5.hpp"

/// Helpers around the HDF5 library, shared by the sources of Hdf5File.
namespace annmpi::io {

/// The library's innermost description of the last failure.
[[nodiscard]] std::string hdf5_reason();

/// The in-memory type of elements on this machine.
[[nodiscard]] hid_t native_type(ElementType type);

inline int close_file(hid_t id) {
  return H5Fclose(id);
}
inline int close_dataset(hid_t id) {
  return H5Dclose(id);
}
inline int close_space(hid_t id) {
  return H5Sclose(id);
}
inline int close_type(hid_t id) {
  return H5Tclose(id);
}
inline int close_attribute(hid_t id) {
  return H5Aclose(id);
}
inline int close_properties(hid_t id) {
  return H5Pclose(id);
}

/// A dataspace of this shape, row-major.
[[nodiscard]] Hdf5Handle make_space(const std::vector<std::uint64_t>& shape);

}  // namespace annmpi::io
