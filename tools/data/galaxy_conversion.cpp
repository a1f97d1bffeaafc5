#include "galaxy_conversion.hpp"

#include <span>
#include <string_view>
#include <vector>

#include "annmpi/base/error.hpp"
#include "annmpi/io/pending_file.hpp"

#include "csv_writer.hpp"
#include "data_file_writer.hpp"
#include "galaxy_painter.hpp"
#include "progress.hpp"
#include "row_sink.hpp"

namespace annmpi::data_tool {
namespace {

/// Passes each row's label and pixels to `accept`.
template <class Place, class Accept>
void paint_rows(const GalaxyRequest& request, Place place, Accept accept) {
  GalaxyPainter painter(request.seed, request.image_size);
  Progress progress("making galaxies", request.rows);
  for (std::uint64_t row = 0; row < request.rows; ++row) {
    painter.paint(row, place());
    accept(GalaxyPainter::class_of(row));
    if (row % 64 == 0) progress.update(row);
  }
}

void write_hdf5(const GalaxyRequest& request, const std::string& path,
                const ConversionSummary& summary) {
  DataFileWriter writer(path, request.output, summary.layout);
  OrderedRows rows(writer);
  const auto place = [&] {
    return std::span(reinterpret_cast<std::uint8_t*>(rows.place()), summary.layout.row_bytes());
  };
  paint_rows(request, place, [&](std::int32_t label) { rows.accept(label); });
  rows.finish();
  writer.finish(summary.description);
}

void write_csv(const GalaxyRequest& request, const std::string& path,
               const ConversionSummary& summary) {
  CsvWriter writer(path, request.output);
  std::vector<std::uint8_t> pixels(summary.layout.row_bytes());
  const auto place = [&] { return std::span(pixels); };
  paint_rows(request, place, [&](std::int32_t label) { writer.write(label, pixels); });
  writer.close();
}

}  // namespace

ConversionSummary make_galaxies(const GalaxyRequest& request) {
  const bool csv = request.output.ends_with(".csv");
  require(csv || request.output.ends_with(".h5"),
          "{}: has an unknown extension; name the output *.csv or *.h5", request.output);
  require(request.rows > 0, "--rows 0: makes no galaxy; request at least one row");
  require(request.image_size >= smallest_image && request.image_size <= largest_image,
          "--image-size {}: is out of range; choose {} to {} pixels", request.image_size,
          smallest_image, largest_image);
  const auto side = static_cast<std::int64_t>(request.image_size);
  const ConversionSummary summary{
      .layout = {.rows = request.rows, .features = static_cast<std::uint64_t>(side * side)},
      .description = {
          .feature_scale = default_feature_scale(io::ElementType::uint8),
          .class_names = GalaxyPainter::class_names(),
          .image_shape = ImageShape{side, side},
          .source = fmt::format("annmpi-data galaxies --rows {} --image-size {} --seed {}",
                                request.rows, request.image_size, request.seed)}};
  io::PendingFile pending(request.output, request.force);
  if (csv) {
    write_csv(request, pending.temporary_path(), summary);
  } else {
    write_hdf5(request, pending.temporary_path(), summary);
  }
  pending.commit();
  return summary;
}

}  // namespace annmpi::data_tool
