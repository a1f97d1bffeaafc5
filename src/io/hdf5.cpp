#include "annmpi/io/hdf5.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <numeric>
#include <type_traits>

#include "annmpi/base/error.hpp"

#include "io/hdf5_library.hpp"

namespace annmpi::io {
namespace {

static_assert(std::is_same_v<hid_t, std::int64_t>, "Hdf5Handle keeps identifiers as int64");

// annmpi prints its own messages, so the library's error stack on stderr is switched off. Its
// clean-up at exit is switched off too, because it crashes on a file that could not be written to a
// full disk; handles close their files.
void prepare_library() {
  static const bool done = H5dont_atexit() >= 0 && H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
  (void)done;
}

/// The library's types for elements.
struct LibraryTypes {
  hid_t memory;  ///< on this machine
  hid_t file;    ///< little-endian on every machine
};

/// A type in the binary16 format of IEEE 754, which the library lacks, made from its float; by the
/// same steps as h5py's. Never closed.
hid_t half_type(hid_t of_float) {
  const hid_t type = H5Tcopy(of_float);
  if (H5Tset_fields(type, 15, 10, 5, 0, 10) < 0 || H5Tset_size(type, 2) < 0 ||
      H5Tset_ebias(type, 15) < 0)
    throw std::logic_error("HDF5 refuses the fields of a 16-bit float");
  return type;
}

bool is_half(hid_t type) {
  std::size_t sign = 0, exponent = 0, exponent_bits = 0, mantissa = 0, mantissa_bits = 0;
  return H5Tget_fields(type, &sign, &exponent, &exponent_bits, &mantissa, &mantissa_bits) >= 0 &&
         sign == 15 && exponent == 10 && exponent_bits == 5 && mantissa == 0 &&
         mantissa_bits == 10 && H5Tget_ebias(type) == 15 && H5Tget_norm(type) == H5T_NORM_IMPLIED;
}

LibraryTypes library_types(ElementType type) {
  switch (type) {
    case ElementType::uint8:
      return {H5T_NATIVE_UINT8, H5T_STD_U8LE};
    case ElementType::uint16:
      return {H5T_NATIVE_UINT16, H5T_STD_U16LE};
    case ElementType::int32:
      return {H5T_NATIVE_INT32, H5T_STD_I32LE};
    case ElementType::int64:
      return {H5T_NATIVE_INT64, H5T_STD_I64LE};
    case ElementType::float16: {
      static const LibraryTypes types{half_type(H5T_NATIVE_FLOAT), half_type(H5T_IEEE_F32LE)};
      return types;
    }
    case ElementType::float32:
      return {H5T_NATIVE_FLOAT, H5T_IEEE_F32LE};
    case ElementType::float64:
      return {H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE};
    case ElementType::other:
      break;
  }
  throw std::logic_error("ElementType::other has no type in HDF5");
}

template <class T>
hid_t native() {
  if constexpr (std::is_same_v<T, std::uint64_t>)
    return H5T_NATIVE_UINT64;
  else
    return native_type(element_type_of<T>);
}

/// int64 also represents every other integer type whose values fit.
ElementType element_type(hid_t type) {
  const std::size_t bytes = H5Tget_size(type);
  if (H5Tget_class(type) == H5T_FLOAT) {
    return bytes == 2 && is_half(type) ? ElementType::float16
           : bytes == 4                ? ElementType::float32
           : bytes == 8                ? ElementType::float64
                                       : ElementType::other;
  }
  if (H5Tget_class(type) != H5T_INTEGER) return ElementType::other;
  if (bytes == 1 && H5Tget_sign(type) == H5T_SGN_NONE) return ElementType::uint8;
  if (bytes == 2 && H5Tget_sign(type) == H5T_SGN_NONE) return ElementType::uint16;
  if (bytes == 4 && H5Tget_sign(type) == H5T_SGN_2) return ElementType::int32;
  return ElementType::int64;
}

}  // namespace

hid_t native_type(ElementType type) {
  return library_types(type).memory;
}

Hdf5Dataset::Hdf5Dataset(Hdf5Handle handle, std::string label)
    : handle_(std::move(handle)), label_(std::move(label)) {
  const Hdf5Handle space(H5Dget_space(handle_.id()), close_space);
  const Hdf5Handle type(H5Dget_type(handle_.id()), close_type);
  const int rank = H5Sget_simple_extent_ndims(space.id());
  require(rank >= 1,
          "{}: is a scalar (an array of at least one dimension is expected); convert "
          "the data again",
          label_);
  std::vector<hsize_t> dimensions(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(space.id(), dimensions.data(), nullptr);
  shape_.assign(dimensions.begin(), dimensions.end());
  type_ = element_type(type.id());
}

std::uint64_t Hdf5Dataset::row_elements() const {
  return std::accumulate(shape_.begin() + 1, shape_.end(), std::uint64_t{1}, std::multiplies<>());
}

void Hdf5Dataset::transfer(std::uint64_t first, std::uint64_t count, std::size_t elements,
                           std::int64_t memory_type, void* destination, const void* source) const {
  if (count == 0) return;
  if (first + count > shape_[0] || elements != count * row_elements()) {
    throw std::logic_error(fmt::format("{}: rows {}:{} with {} elements do not fit", label_, first,
                                       first + count, elements));
  }
  std::vector<hsize_t> start(shape_.size(), 0);
  std::vector<hsize_t> extent(shape_.begin(), shape_.end());
  start[0] = first;
  extent[0] = count;
  const Hdf5Handle file_space(H5Dget_space(handle_.id()), close_space);
  H5Sselect_hyperslab(file_space.id(), H5S_SELECT_SET, start.data(), nullptr, extent.data(),
                      nullptr);
  const Hdf5Handle memory_space = make_space({extent.begin(), extent.end()});
  const herr_t status = destination != nullptr
                            ? H5Dread(handle_.id(), memory_type, memory_space.id(), file_space.id(),
                                      H5P_DEFAULT, destination)
                            : H5Dwrite(handle_.id(), memory_type, memory_space.id(),
                                       file_space.id(), H5P_DEFAULT, source);
  require(status >= 0, "{}: rows {} to {} cannot be {} ({}); {}", label_, first, first + count - 1,
          destination != nullptr ? "read" : "written", hdf5_reason(),
          destination != nullptr ? "restore the file, it may be damaged or truncated"
                                 : "check the free space of the disk");
}

template <class T>
void Hdf5Dataset::read_rows(std::uint64_t first, std::uint64_t count, std::span<T> values) const {
  transfer(first, count, values.size(), native<T>(), values.data(), nullptr);
}

template <class T>
void Hdf5Dataset::write_rows(std::uint64_t first, std::uint64_t count, std::span<const T> values) {
  transfer(first, count, values.size(), native<T>(), nullptr, values.data());
}

void Hdf5Dataset::read_rows_as_stored(std::uint64_t first, std::uint64_t count,
                                      std::span<std::byte> bytes) const {
  transfer(first, count, bytes.size() / bytes_of(type_), native_type(type_), bytes.data(), nullptr);
}

void Hdf5Dataset::write_rows_as_stored(std::uint64_t first, std::uint64_t count,
                                       std::span<const std::byte> bytes) {
  transfer(first, count, bytes.size() / bytes_of(type_), native_type(type_), nullptr, bytes.data());
}

#define ANNMPI_INSTANTIATE_FOR(name, Type)                                                   \
  template void Hdf5Dataset::read_rows(std::uint64_t, std::uint64_t, std::span<Type>) const; \
  template void Hdf5Dataset::write_rows(std::uint64_t, std::uint64_t, std::span<const Type>);
ANNMPI_FOR_EACH_ELEMENT_TYPE(ANNMPI_INSTANTIATE_FOR)
ANNMPI_INSTANTIATE_FOR(uint64, std::uint64_t)
#undef ANNMPI_INSTANTIATE_FOR

Hdf5File::Hdf5File(Hdf5Handle handle, std::string path)
    : handle_(std::move(handle)), path_(std::move(path)) {}

Hdf5File Hdf5File::open(const std::string& path) {
  prepare_library();
  std::error_code status;
  require(std::filesystem::exists(path, status), "{}: not found; check the path", path);
  require(!std::filesystem::is_directory(path, status), "{}: is a folder; name a file", path);
  // Parallel file systems often refuse locks, and readers need none.
  const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), close_properties);
  H5Pset_file_locking(access.id(), false, true);
  Hdf5Handle handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.id()), close_file);
  require(handle.valid(),
          "{}: cannot be opened as HDF5 ({}); convert CSV and IDX files with annmpi-data first",
          path, hdf5_reason());
  return {std::move(handle), path};
}

Hdf5File Hdf5File::create(const std::string& path, const std::string& shown_path) {
  prepare_library();
  Hdf5Handle handle(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), close_file);
  require(handle.valid(), "{}: cannot be created ({}); check the folder and its free space",
          shown_path, hdf5_reason());
  return {std::move(handle), shown_path};
}

bool Hdf5File::has_dataset(const std::string& name) const {
  for (std::size_t end = name.find('/'); end != std::string::npos; end = name.find('/', end + 1)) {
    if (H5Lexists(handle_.id(), name.substr(0, end).c_str(), H5P_DEFAULT) <= 0) return false;
  }
  if (H5Lexists(handle_.id(), name.c_str(), H5P_DEFAULT) <= 0) return false;
  return Hdf5Handle(H5Dopen2(handle_.id(), name.c_str(), H5P_DEFAULT), close_dataset).valid();
}

Hdf5Dataset Hdf5File::dataset(const std::string& name) const {
  require(has_dataset(name), "{}: has no dataset \"{}\"; annmpi-data writes files that have it",
          path_, name);
  return {{H5Dopen2(handle_.id(), name.c_str(), H5P_DEFAULT), close_dataset}, path_ + ": " + name};
}

Hdf5Dataset Hdf5File::create_dataset_of(const std::string& name, std::int64_t file_type,
                                        const std::vector<std::uint64_t>& shape) {
  const Hdf5Handle space = make_space(shape);
  const Hdf5Handle links(H5Pcreate(H5P_LINK_CREATE), close_properties);
  H5Pset_create_intermediate_group(links.id(), 1);
  Hdf5Handle handle(H5Dcreate2(handle_.id(), name.c_str(), file_type, space.id(), links.id(),
                               H5P_DEFAULT, H5P_DEFAULT),
                    close_dataset);
  require(handle.valid(), "{}: dataset \"{}\" cannot be created ({}); check the free space", path_,
          name, hdf5_reason());
  return {std::move(handle), path_ + ": " + name};
}

Hdf5Dataset Hdf5File::create_dataset(const std::string& name, ElementType type,
                                     const std::vector<std::uint64_t>& shape) {
  return create_dataset_of(name, library_types(type).file, shape);
}

Hdf5Dataset Hdf5File::create_uint64_dataset(const std::string& name,
                                            const std::vector<std::uint64_t>& shape) {
  return create_dataset_of(name, H5T_STD_U64LE, shape);
}

void Hdf5File::close() {
  require(H5Fflush(handle_.id(), H5F_SCOPE_LOCAL) >= 0 && handle_.close(),
          "{}: cannot be completed ({}); check the free space of the disk", path_, hdf5_reason());
}

}  // namespace annmpi::io
