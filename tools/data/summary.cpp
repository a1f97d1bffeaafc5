#include "summary.hpp"

#include "annmpi/base/log.hpp"

namespace annmpi::data_tool {

std::string scale_text(double scale) {
  for (const int largest : {255, 65535})
    if (scale == 1.0 / largest) return fmt::format("1/{}", largest);
  return fmt::format("{}", scale);
}

void report(const std::string& output, const ConversionSummary& summary,
            const Stopwatch& stopwatch) {
  const DataLayout& layout = summary.layout;
  const DataDescription& description = summary.description;
  const std::string image = description.image_shape
                                ? fmt::format(", images of {} x {}", description.image_shape->rows,
                                              description.image_shape->columns)
                                : "";
  log::info("{}: {} rows of {} features ({}, scale {}{}), {} classes, in {:.2f} s", output,
            layout.rows, layout.features, io::name_of(layout.feature_type),
            scale_text(description.feature_scale), image, description.class_names.size(),
            stopwatch.seconds());
}

}  // namespace annmpi::data_tool
