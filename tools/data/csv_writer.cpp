#include "csv_writer.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "annmpi/base/error.hpp"

#include "interruption.hpp"

namespace annmpi::data_tool {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 20;

/// ",0" ... ",255"
const std::array<std::string, 256>& fields() {
  static const auto table = [] {
    std::array<std::string, 256> texts;
    for (std::size_t value = 0; value < texts.size(); ++value) {
      texts[value] = fmt::format(",{}", value);
    }
    return texts;
  }();
  return table;
}

}  // namespace

CsvWriter::CsvWriter(const std::string& path, std::string shown_path)
    : shown_path_(std::move(shown_path)), file_(path, std::ios::binary) {
  require(file_.good(), "{}: cannot be written ({}); check the folder", shown_path_,
          std::strerror(errno));
  buffer_.reserve(2 * block_bytes);
}

void CsvWriter::write(std::int32_t label, std::span<const std::uint8_t> pixels) {
  const auto append = [&](std::string_view text) {
    buffer_.insert(buffer_.end(), text.begin(), text.end());
  };
  append(std::to_string(label));
  for (const std::uint8_t pixel : pixels) append(fields()[pixel]);
  buffer_.push_back('\n');
  if (buffer_.size() >= block_bytes) flush();
}

void CsvWriter::flush() {
  interruption::check();
  file_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  file_.flush();
  require(file_.good(), "{}: cannot be written ({}); check the free space of the disk", shown_path_,
          std::strerror(errno));
  buffer_.clear();
}

void CsvWriter::close() {
  flush();
  file_.close();
  require(file_.good(), "{}: cannot be completed ({}); check the free space of the disk",
          shown_path_, std::strerror(errno));
}

}  // namespace annmpi::data_tool
