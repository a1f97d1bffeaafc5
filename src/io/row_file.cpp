#include "annmpi/io/row_file.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "annmpi/base/error.hpp"
#include "annmpi/io/hdf5.hpp"

#include "io/hdf5_library.hpp"

namespace annmpi::io {
namespace {

FileState state_of(const struct stat& found) {
  return {.device = found.st_dev,
          .inode = found.st_ino,
          .bytes = found.st_size,
          .seconds = found.st_mtim.tv_sec,
          .nanoseconds = found.st_mtim.tv_nsec};
}

}  // namespace

RowFile::RowFile(const std::string& path, std::string label, std::uint64_t offset,
                 std::uint64_t rows, std::size_t row_bytes)
    : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)),
      path_(path),
      label_(std::move(label)),
      offset_(offset),
      rows_(rows),
      row_bytes_(row_bytes) {
  require(descriptor_ >= 0, "{}: cannot be opened ({}); check the path", path,
          std::strerror(errno));
  struct stat found;
  require(::fstat(descriptor_, &found) == 0, "{}: cannot be examined ({}); check its file system",
          path, std::strerror(errno));
  opened_ = state_of(found);
}

RowFile::~RowFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void RowFile::read(std::uint64_t first, std::uint64_t count, std::span<std::byte> bytes) const {
  if (first + count > rows_ || bytes.size() != count * row_bytes_)
    throw std::logic_error(fmt::format("{}: rows {}:{} do not fit {} bytes", label_, first,
                                       first + count, bytes.size()));
  std::uint64_t place = offset_ + first * row_bytes_;
  while (!bytes.empty()) {
    const ssize_t got = ::pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(place));
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) require_unchanged();
    require(got > 0,
            "{}: rows {} to {} cannot be read ({}); check the disk, or restore the file, and start "
            "again",
            label_, first, first + count - 1,
            got == 0 ? "the file ends before them" : std::strerror(errno));
    bytes = bytes.subspan(static_cast<std::size_t>(got));
    place += static_cast<std::uint64_t>(got);
  }
}

void RowFile::require_unchanged() const {
  struct stat found;
  if (::stat(path_.c_str(), &found) == 0 && state_of(found) == opened_) return;
  std::string what = "was modified";
  if (::stat(path_.c_str(), &found) != 0)
    what = fmt::format("is gone ({})", std::strerror(errno));
  else if (state_of(found).device != opened_.device || state_of(found).inode != opened_.inode)
    what = "was replaced by another file";
  else if (found.st_size != opened_.bytes)
    what = fmt::format("was changed from {} to {} bytes", opened_.bytes, found.st_size);
  throw Error(
      "{}: {} during the run (data.streaming reads it repeatedly); do not change it before a run "
      "has "
      "ended, and start again",
      path_, what);
}

void RowFile::expect(std::uint64_t row) const noexcept {
  ::posix_fadvise(descriptor_, static_cast<off_t>(offset_ + row * row_bytes_),
                  static_cast<off_t>(row_bytes_), POSIX_FADV_WILLNEED);
}

RowFile Hdf5File::row_file(const std::string& name) const {
  const Hdf5Dataset found = dataset(name);
  const Hdf5Handle handle(H5Dopen2(handle_.id(), name.c_str(), H5P_DEFAULT), close_dataset);
  const Hdf5Handle type(H5Dget_type(handle.id()), close_type);
  const Hdf5Handle properties(H5Dget_create_plist(handle.id()), close_properties);
  const haddr_t offset = H5Dget_offset(handle.id());
  require(H5Pget_layout(properties.id()) == H5D_CONTIGUOUS &&
              H5Pget_external_count(properties.id()) == 0 && offset != HADDR_UNDEF,
          "{}: is not stored contiguously in this file (data.streaming reads rows directly, so "
          "they must "
          "not be chunked, compressed or external); convert it with annmpi-data, write it without "
          "chunks, or set data.streaming = false",
          found.label());
  require(H5Tequal(type.id(), native_type(found.type())) > 0,
          "{}: has another byte order than this machine (data.streaming reads rows as they are "
          "stored); "
          "convert it with annmpi-data, or set data.streaming = false",
          found.label());
  return {path_, found.label(), offset, found.shape()[0],
          found.row_elements() * bytes_of(found.type())};
}

}  // namespace annmpi::io
