#pragma once

#include <cstdint>

#include "input_file.hpp"

namespace annmpi::data_tool {

/// What a first pass over a text file tells: the file's length in rows must be known before the
/// output can be laid out.
struct CsvSurvey {
  std::uint64_t lines = 0;  // up to the last one that is not blank
  std::uint64_t hash = 0;   // XXH3 of the whole file
};

/// Reads the file once, at the speed of memory or disk. @throws Error if it is empty.
CsvSurvey survey_csv(InputFile& file);

}  // namespace annmpi::data_tool
