#include "idx_reader.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <numeric>

#include <zlib.h>

#include "annmpi/base/error.hpp"

#include "hash.hpp"
#include "input_file.hpp"
#include "interruption.hpp"

namespace annmpi::data_tool {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 18;
constexpr std::uint8_t unsigned_bytes = 0x08;

std::uint32_t big_endian(std::span<const std::uint8_t, 4> bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | std::uint32_t{bytes[3]};
}

}  // namespace

/// zlib reads plain files through the same calls.
struct IdxReader::Stream {
  gzFile file;

  explicit Stream(const std::string& path) : file(gzopen(path.c_str(), "rb")) {
    if (file != nullptr) gzbuffer(file, static_cast<unsigned>(block_bytes));
  }
  ~Stream() {
    if (file != nullptr) gzclose(file);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
};

IdxReader::IdxReader(const std::string& path, const IdxContents& contents) : path_(path) {
  const InputFile probe(path);
  require(probe.bytes() > 0, "{}: is empty; give an IDX file of {}", path_, contents.name);
  stream_ = std::make_unique<Stream>(path);
  require(stream_->file != nullptr, "{}: cannot be read; check its permissions", path_);
  std::array<std::uint8_t, 4> word{};
  const auto take_word = [&] {
    require(take(word.data(), word.size()) == word.size(),
            "{}: ends within its header (it is not a complete IDX file); fetch it again", path_);
    return big_endian(word);
  };
  const std::uint32_t magic = take_word();
  const int dimensions = word[3];
  const bool is_idx = word[0] == 0 && word[1] == 0 && dimensions > 0;
  require(
      is_idx && dimensions >= contents.fewest_dimensions && dimensions <= contents.most_dimensions,
      "{}: has the magic number 0x{:08x} (an IDX file of {} begins with 0x{:08x}); {}", path_,
      magic, contents.name, 0x800 + contents.usual_dimensions,
      is_idx ? "check the order of images and labels" : "check that it is the right file");
  require(word[2] == unsigned_bytes,
          "{}: holds elements of type 0x{:02x} (only unsigned bytes, 0x08, are supported); convert "
          "it through CSV",
          path_, word[2]);
  for (int i = 0; i < dimensions; ++i) shape_.push_back(take_word());
  for (const std::uint64_t extent : shape_) {
    require(extent > 0, "{}: is empty (its shape is [{}]); fetch it again", path_,
            fmt::join(shape_, ", "));
  }
  constexpr std::uint64_t largest_item = std::uint64_t{1} << 24;
  std::uint64_t item = 1;
  for (std::size_t i = 1; i < shape_.size(); ++i) {
    item = std::min(item * shape_[i], largest_item + 1);
  }
  require(item <= largest_item, "{}: has the shape [{}] (at most {} values per item are supported)",
          path_, fmt::join(shape_, ", "), largest_item);
}

IdxReader::~IdxReader() = default;

std::uint64_t IdxReader::item_elements() const {
  return std::accumulate(shape_.begin() + 1, shape_.end(), std::uint64_t{1}, std::multiplies<>());
}

std::size_t IdxReader::take(std::uint8_t* to, std::size_t count) {
  interruption::check();
  std::size_t taken = 0;
  while (taken < count) {
    constexpr std::size_t most = std::size_t{1} << 30;
    const int got =
        gzread(stream_->file, to + taken, static_cast<unsigned>(std::min(count - taken, most)));
    if (got == 0) break;
    int code = Z_OK;
    const char* const reason = gzerror(stream_->file, &code);
    require(got > 0, "{}: cannot be unpacked ({}); fetch it again", path_, reason);
    taken += static_cast<std::size_t>(got);
  }
  return taken;
}

void IdxReader::read(std::span<std::uint8_t> elements) {
  require(take(elements.data(), elements.size()) == elements.size(),
          "{}: is truncated (its header gives the shape [{}]); fetch it again", path_,
          fmt::join(shape_, ", "));
}

void IdxReader::skip(std::uint64_t elements) {
  std::vector<std::uint8_t> scratch(block_bytes);
  while (elements > 0) {
    const std::uint64_t part = std::min<std::uint64_t>(elements, scratch.size());
    read(std::span(scratch).first(static_cast<std::size_t>(part)));
    elements -= part;
  }
}

void IdxReader::require_end() {
  std::uint8_t beyond = 0;
  require(take(&beyond, 1) == 0,
          "{}: is longer than its header says (which gives the shape [{}]); fetch it again", path_,
          fmt::join(shape_, ", "));
  // All elements may be present while the checksum after them is missing.
  int code = Z_OK;
  gzerror(stream_->file, &code);
  require(code != Z_BUF_ERROR,
          "{}: is truncated (its compressed data is incomplete); fetch it again", path_);
}

std::uint64_t IdxReader::file_hash() const {
  InputFile file(path_);
  Hash hash;
  std::vector<char> buffer(block_bytes);
  while (const std::size_t count = file.read(buffer)) hash.update(buffer.data(), count);
  return hash.value64();
}

}  // namespace annmpi::data_tool
