#include "csv_survey.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "annmpi/base/error.hpp"

#include "hash.hpp"
#include "progress.hpp"

namespace annmpi::data_tool {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 18;

}  // namespace

CsvSurvey survey_csv(InputFile& file) {
  require(file.bytes() > 0, "{}: is empty; give a file with rows of numbers", file.path());
  CsvSurvey survey;
  Hash hash;
  Progress progress("counting rows", file.bytes());
  std::vector<char> buffer(block_bytes);
  std::uint64_t feeds = 0;
  file.rewind();
  while (const std::size_t count = file.read(buffer)) {
    hash.update(buffer.data(), count);
    const std::string_view text(buffer.data(), count);
    const std::size_t last = text.find_last_not_of(" \t\r\n");
    const std::size_t rest = last == std::string_view::npos ? 0 : last + 1;
    const auto feeds_in = [](std::string_view part) {
      return static_cast<std::uint64_t>(std::count(part.begin(), part.end(), '\n'));
    };
    const std::uint64_t before = feeds + feeds_in(text.substr(0, rest));
    if (rest > 0) survey.lines = before + 1;
    feeds = before + feeds_in(text.substr(rest));
    progress.update(file.position());
  }
  require(survey.lines > 0,
          "{}: is empty (it holds blank lines only); give a file with rows of numbers",
          file.path());
  survey.hash = hash.value64();
  return survey;
}

}  // namespace annmpi::data_tool
