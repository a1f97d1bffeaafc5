#pragma once

#include <cstdint>

#include "input_file.hpp"

namespace annmpi::data_tool {

/// The result of the first pass over a text file: the number of rows is needed before the output
/// can be laid out.
struct CsvSurvey {
  std::uint64_t lines = 0;  // up to the last one that is not blank
  std::uint64_t hash = 0;   // XXH3 of the whole file
};

/// Reads the file once. @throws Error if it is empty.
CsvSurvey survey_csv(InputFile& file);

}  // namespace annmpi::data_tool
