#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "input_file.hpp"

namespace annmpi::data_tool {

/// A line of text in the reader's buffer, without its line end and surrounding blanks.
/// `*end` may be overwritten, and a few bytes after it may be read.
struct Line {
  char* begin = nullptr;
  char* end = nullptr;
  std::uint64_t number = 0;  // counted from 1

  [[nodiscard]] std::string_view text() const { return {begin, end}; }
};

/// Reads lines through a buffer that grows only for longer lines. A line ends with a line feed, a
/// carriage return and a line feed, or the file; a UTF-8 byte order mark at the beginning is
/// skipped.
class LineReader {
 public:
  static constexpr std::size_t longest_line_bytes = std::size_t{16} << 20;
  /// Readable bytes after every line; those after the last one are zero.
  static constexpr std::size_t padding_bytes = 16;

  /// Starts at the beginning of the file.
  explicit LineReader(InputFile& file);

  /// The next line, valid until the next call; false at the end of the file.
  bool next(Line& line);

 private:
  void refill();

  InputFile& file_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool ended_ = false;
  std::uint64_t number_ = 0;
};

}  // namespace annmpi::data_tool
