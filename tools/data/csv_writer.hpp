#pragma once

#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

namespace annmpi::data_tool {

/// Writes rows of a label and pixels as comma-separated values, without a header.
class CsvWriter {
 public:
  /// Writes to `path`; messages use `shown_path`.
  CsvWriter(const std::string& path, std::string shown_path);

  void write(std::int32_t label, std::span<const std::uint8_t> pixels);
  /// @throws Error where the disk is full.
  void close();

 private:
  void flush();

  std::string shown_path_;
  std::ofstream file_;
  std::vector<char> buffer_;
};

}  // namespace annmpi::data_tool
