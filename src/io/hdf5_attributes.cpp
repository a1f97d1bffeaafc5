// Attributes of an Hdf5File's root.
#include <algorithm>

#include "annmpi/base/error.hpp"
#include "annmpi/io/hdf5.hpp"

#include "io/hdf5_library.hpp"

namespace annmpi::io {
namespace {

Hdf5Handle make_string_type() {
  Hdf5Handle type(H5Tcopy(H5T_C_S1), close_type);
  H5Tset_size(type.id(), H5T_VARIABLE);
  H5Tset_cset(type.id(), H5T_CSET_UTF8);
  return type;
}

}  // namespace

bool Hdf5File::has_attribute(const std::string& name) const {
  return H5Aexists(handle_.id(), name.c_str()) > 0;
}

Hdf5Handle Hdf5File::attribute(const std::string& name) const {
  Hdf5Handle handle(H5Aopen(handle_.id(), name.c_str(), H5P_DEFAULT), close_attribute);
  require(handle.valid(), "{}: has no attribute \"{}\"; make the file again", path_, name);
  return handle;
}

double Hdf5File::real(const std::string& name) const {
  const Hdf5Handle handle = attribute(name);
  const Hdf5Handle space(H5Aget_space(handle.id()), close_space);
  double value = 0;
  require(H5Sget_simple_extent_npoints(space.id()) == 1 &&
              H5Aread(handle.id(), H5T_NATIVE_DOUBLE, &value) >= 0,
          "{}: attribute \"{}\" is not a single number; make the file again", path_, name);
  return value;
}

std::int64_t Hdf5File::integer(const std::string& name) const {
  const std::vector<std::int64_t> values = integers(name);
  require(values.size() == 1, "{}: attribute \"{}\" is not a single integer; make the file again",
          path_, name);
  return values.front();
}

std::vector<std::int64_t> Hdf5File::integers(const std::string& name) const {
  const Hdf5Handle handle = attribute(name);
  const Hdf5Handle space(H5Aget_space(handle.id()), close_space);
  const Hdf5Handle type(H5Aget_type(handle.id()), close_type);
  std::vector<std::int64_t> values(
      static_cast<std::size_t>(std::max<hssize_t>(0, H5Sget_simple_extent_npoints(space.id()))));
  require(H5Tget_class(type.id()) == H5T_INTEGER &&
              H5Aread(handle.id(), H5T_NATIVE_INT64, values.data()) >= 0,
          "{}: attribute \"{}\" does not hold integers; make the file again", path_, name);
  return values;
}

std::string Hdf5File::text(const std::string& name) const {
  const std::vector<std::string> values = texts(name);
  require(values.size() == 1, "{}: attribute \"{}\" is not a single string; make the file again",
          path_, name);
  return values.front();
}

std::vector<std::string> Hdf5File::texts(const std::string& name) const {
  const Hdf5Handle handle = attribute(name);
  const Hdf5Handle space(H5Aget_space(handle.id()), close_space);
  const Hdf5Handle type(H5Aget_type(handle.id()), close_type);
  require(H5Tget_class(type.id()) == H5T_STRING,
          "{}: attribute \"{}\" does not hold text; make the file again", path_, name);
  const auto count =
      static_cast<std::size_t>(std::max<hssize_t>(0, H5Sget_simple_extent_npoints(space.id())));
  std::vector<std::string> values;
  if (H5Tis_variable_str(type.id()) > 0) {
    std::vector<char*> pointers(count, nullptr);
    require(H5Aread(handle.id(), type.id(), pointers.data()) >= 0,
            "{}: attribute \"{}\" cannot be read ({}); make the file again", path_, name,
            hdf5_reason());
    for (const char* pointer : pointers) values.emplace_back(pointer != nullptr ? pointer : "");
    H5Dvlen_reclaim(type.id(), space.id(), H5P_DEFAULT, pointers.data());
  } else {
    const std::size_t length = H5Tget_size(type.id());
    std::string buffer(count * length, '\0');
    require(H5Aread(handle.id(), type.id(), buffer.data()) >= 0,
            "{}: attribute \"{}\" cannot be read ({}); make the file again", path_, name,
            hdf5_reason());
    for (std::size_t i = 0; i < count; ++i) {
      const std::string padded = buffer.substr(i * length, length);
      values.push_back(padded.substr(0, padded.find('\0')));
    }
  }
  return values;
}

void Hdf5File::write_attribute(const std::string& name, std::int64_t type, std::int64_t space,
                               const void* value) {
  const Hdf5Handle handle(
      H5Acreate2(handle_.id(), name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT),
      close_attribute);
  require(handle.valid() && H5Awrite(handle.id(), type, value) >= 0,
          "{}: attribute \"{}\" cannot be written ({}); check the free space", path_, name,
          hdf5_reason());
}

void Hdf5File::set_attribute(const std::string& name, double value) {
  const Hdf5Handle scalar(H5Screate(H5S_SCALAR), close_space);
  write_attribute(name, H5T_NATIVE_DOUBLE, scalar.id(), &value);
}

void Hdf5File::set_attribute(const std::string& name, std::int64_t value) {
  const Hdf5Handle scalar(H5Screate(H5S_SCALAR), close_space);
  write_attribute(name, H5T_NATIVE_INT64, scalar.id(), &value);
}

void Hdf5File::set_attribute(const std::string& name, const std::vector<std::int64_t>& values) {
  write_attribute(name, H5T_NATIVE_INT64, make_space({values.size()}).id(), values.data());
}

void Hdf5File::set_attribute(const std::string& name, const std::string& value) {
  const Hdf5Handle scalar(H5Screate(H5S_SCALAR), close_space);
  const char* pointer = value.c_str();
  write_attribute(name, make_string_type().id(), scalar.id(), &pointer);
}

void Hdf5File::set_attribute(const std::string& name, const std::vector<std::string>& values) {
  std::vector<const char*> pointers;
  for (const std::string& value : values) pointers.push_back(value.c_str());
  write_attribute(name, make_string_type().id(), make_space({values.size()}).id(), pointers.data());
}

}  // namespace annmpi::io
