#pragma once

#include <chrono>
#include <string>

#include "schema.hpp"

namespace annmpi::data_tool {

/// What a conversion wrote, for its final message.
struct ConversionSummary {
  DataLayout layout;
  DataDescription description;
};

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// "1/255" for the scale of pixels, a plain number otherwise.
std::string scale_text(double scale);

/// Logs one line about `output`.
void report(const std::string& output, const ConversionSummary& summary,
            const Stopwatch& stopwatch);

}  // namespace annmpi::data_tool
