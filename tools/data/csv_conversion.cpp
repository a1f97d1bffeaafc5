#include "csv_conversion.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "annmpi/base/error.hpp"
#include "annmpi/io/pending_file.hpp"

#include "class_names.hpp"
#include "csv_header.hpp"
#include "csv_row_parser.hpp"
#include "csv_survey.hpp"
#include "data_file_writer.hpp"
#include "hash.hpp"
#include "input_file.hpp"
#include "line_reader.hpp"
#include "progress.hpp"
#include "row_sink.hpp"

namespace annmpi::data_tool {
namespace {

/// The parts of a conversion that are the same for every attempt.
struct Conversion {
  const CsvRequest& request;
  InputFile& input;
  const ClassNames& classes;
  const CsvFormat& format;
  const ResolvedRows& rows;
};

DataLayout layout_of(const Conversion& conversion, const CsvTypes& types) {
  return {.rows = conversion.rows.count(),
          .features = conversion.format.columns - 1,
          .feature_type = types.features,
          .label_type = types.labels};
}

/// Parses the selected rows into `sink`. Returns early if a wider type is needed.
CsvRowParser::Outcome transfer_rows(const Conversion& conversion, const CsvTypes& types,
                                    RowSink& sink, std::int32_t& largest_label) {
  const CsvRowParser parser(conversion.format, types, conversion.classes);
  LineReader lines(conversion.input);
  Line line;
  const std::uint64_t skipped = conversion.rows.first + (conversion.format.has_header ? 1 : 0);
  Progress progress("converting " + short_name(conversion.input.path()), conversion.input.bytes());
  const auto next = [&] {
    require(lines.next(line), "{}: became shorter (another program writes to it); try again",
            conversion.input.path());
  };
  for (std::uint64_t row = 0; row < skipped; ++row) next();
  for (std::uint64_t row = 0; row < conversion.rows.count(); ++row) {
    next();
    std::int32_t label = 0;
    const CsvRowParser::Outcome outcome = parser.parse(line, sink.place(), label);
    if (outcome != CsvRowParser::Outcome::complete) return outcome;
    largest_label = std::max(largest_label, label);
    sink.accept(label);
    if (row % 1024 == 0) progress.update(conversion.input.position());
  }
  return CsvRowParser::Outcome::complete;
}

/// One attempt with these types; empty if a wider type is needed, which is then in `types`.
std::optional<ConversionSummary> attempt(const Conversion& conversion, CsvTypes& types,
                                         const std::string& path, const std::string& source) {
  const DataLayout layout = layout_of(conversion, types);
  DataDescription description{
      .feature_scale =
          conversion.request.feature_scale.value_or(default_feature_scale(types.features)),
      .class_names = {},
      .image_shape = image_shape_for(conversion.request.image_shape, layout),
      .source = source};
  DataFileWriter writer(path, conversion.request.output, layout);
  const auto sink = make_row_sink(writer, conversion.request.shuffle_seed);
  std::int32_t largest_label = 0;
  switch (transfer_rows(conversion, types, *sink, largest_label)) {
    case CsvRowParser::Outcome::wider_features:
      types.features = io::ElementType::float32;
      types.features_inferred = false;
      return std::nullopt;
    case CsvRowParser::Outcome::wider_labels:
      types.labels = io::ElementType::int32;
      return std::nullopt;
    case CsvRowParser::Outcome::complete:
      break;
  }
  sink->finish();
  description.class_names = conversion.classes.names_up_to(largest_label);
  writer.finish(description);
  return ConversionSummary{layout, std::move(description)};
}

CsvFormat format_of(InputFile& input, const CsvRequest& request, const ClassNames& classes) {
  LineReader lines(input);
  Line first;
  lines.next(first);
  return recognise_format(input.path(), first.text(), request.label_column, classes);
}

}  // namespace

std::optional<ImageShape> image_shape_for(const std::optional<ImageShape>& asked,
                                          const DataLayout& layout) {
  if (asked) {
    require(static_cast<std::uint64_t>(asked->rows) * static_cast<std::uint64_t>(asked->columns) ==
                layout.features,
            "--image-shape {},{}: does not fit (it has {} pixels, but rows have {} features)",
            asked->rows, asked->columns, asked->rows * asked->columns, layout.features);
    return asked;
  }
  constexpr std::int64_t smallest_side = 8;
  const auto side = std::llround(std::sqrt(static_cast<double>(layout.features)));
  const bool square =
      static_cast<std::uint64_t>(side) * static_cast<std::uint64_t>(side) == layout.features;
  if (!io::is_integer(layout.feature_type) || !square || side < smallest_side) return {};
  return ImageShape{side, side};
}

ConversionSummary convert_csv(const CsvRequest& request) {
  require_different_files(request.input, request.output);
  const ClassNames classes(request.class_names);
  InputFile input(request.input);
  const CsvSurvey survey = survey_csv(input);
  const CsvFormat format = format_of(input, request, classes);
  const std::uint64_t rows = survey.lines - (format.has_header ? 1 : 0);
  require(rows > 0, "{}: holds no rows (only a header); give at least one row", request.input);
  const ResolvedRows selected = resolve(request.rows, rows, request.input);
  const Conversion conversion{request, input, classes, format, selected};

  io::PendingFile pending(request.output, request.force);
  CsvTypes types{.features = request.type.value_or(io::ElementType::uint8),
                 .features_inferred = !request.type.has_value(),
                 .labels = io::ElementType::uint8};
  std::optional<ConversionSummary> summary;
  while (!summary) {
    summary = attempt(conversion, types, pending.temporary_path(),
                      source_text(request.input, survey.hash));
  }
  pending.commit();
  return *std::move(summary);
}

}  // namespace annmpi::data_tool
