#include "line_reader.hpp"

#include <algorithm>
#include <cstring>

#include "annmpi/base/error.hpp"

namespace annmpi::data_tool {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 20;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_blank(char character) {
  return character == ' ' || character == '\t' || character == '\r';
}

}  // namespace

LineReader::LineReader(InputFile& file) : file_(file), buffer_(block_bytes + padding_bytes) {
  file_.rewind();
  refill();
  if (std::string_view(buffer_.data(), end_).starts_with(byte_order_mark)) {
    begin_ = byte_order_mark.size();
  }
}

void LineReader::refill() {
  const std::size_t kept = end_ - begin_;
  std::memmove(buffer_.data(), buffer_.data() + begin_, kept);
  begin_ = 0;
  if (kept + padding_bytes >= buffer_.size()) {
    require(kept < longest_line_bytes,
            "{}: line {}: is longer than {} MiB (a row must fit into memory); check that it is a "
            "CSV file",
            file_.path(), number_ + 1, longest_line_bytes >> 20);
    buffer_.resize(std::min(2 * kept, longest_line_bytes) + padding_bytes);
  }
  const std::size_t room = buffer_.size() - padding_bytes - kept;
  const std::size_t count = file_.read({buffer_.data() + kept, room});
  end_ = kept + count;
  ended_ = count < room;
  std::memset(buffer_.data() + end_, 0, padding_bytes);
}

bool LineReader::next(Line& line) {
  char* feed = nullptr;
  std::size_t searched = 0;
  while (true) {
    feed = static_cast<char*>(
        std::memchr(buffer_.data() + begin_ + searched, '\n', end_ - begin_ - searched));
    if (feed != nullptr || ended_) break;
    searched = end_ - begin_;
    refill();
  }
  if (feed == nullptr && begin_ == end_) return false;
  line.begin = buffer_.data() + begin_;
  line.end = feed != nullptr ? feed : buffer_.data() + end_;
  begin_ = std::min(end_, static_cast<std::size_t>(line.end - buffer_.data()) + 1);
  while (line.end > line.begin && is_blank(line.end[-1])) --line.end;
  while (line.begin < line.end && is_blank(*line.begin)) ++line.begin;
  line.number = ++number_;
  return true;
}

}  // namespace annmpi::data_tool
