#include "io/hdf5_library.hpp"

#include <algorithm>
#include <string_view>

namespace annmpi::io {

std::string hdf5_reason() {
  std::string text = "HDF5 gives no reason";
  const auto take_first = [](unsigned depth, const H5E_error2_t* entry, void* out) -> herr_t {
    if (depth == 0 && entry->desc != nullptr) *static_cast<std::string*>(out) = entry->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_first, &text);
  // For a failed system call, the system's message is enough.
  constexpr std::string_view marker = "error message = '";
  if (const std::size_t found = text.find(marker); found != std::string::npos) {
    const std::size_t begin = found + marker.size();
    return text.substr(begin, text.find('\'', begin) - begin);
  }
  // The description may contain line feeds and addresses: keep the first line.
  return text.substr(0, std::min(text.find('\n'), std::size_t{160}));
}

Hdf5Handle make_space(const std::vector<std::uint64_t>& shape) {
  const std::vector<hsize_t> dimensions(shape.begin(), shape.end());
  return {H5Screate_simple(static_cast<int>(dimensions.size()), dimensions.data(), nullptr),
          close_space};
}

}  // namespace annmpi::io
