#include "idx_conversion.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

#include "annmpi/base/error.hpp"
#include "annmpi/io/pending_file.hpp"

#include "class_names.hpp"
#include "data_file_writer.hpp"
#include "hash.hpp"
#include "idx_reader.hpp"
#include "input_file.hpp"
#include "progress.hpp"
#include "row_sink.hpp"

namespace annmpi::data_tool {
namespace {

/// Converts the selected rows; returns the largest label.
std::int32_t transfer_rows(IdxReader& images, IdxReader& labels, const ResolvedRows& rows,
                           const ClassNames& classes, RowSink& sink) {
  const std::uint64_t pixels = images.item_elements();
  images.skip(rows.first * pixels);
  labels.skip(rows.first);
  std::int32_t largest_label = 0;
  Progress progress("converting " + short_name(images.path()), rows.count());
  for (std::uint64_t row = 0; row < rows.count(); ++row) {
    images.read({reinterpret_cast<std::uint8_t*>(sink.place()), static_cast<std::size_t>(pixels)});
    std::uint8_t label = 0;
    labels.read({&label, 1});
    require(!classes.given() || label < classes.names().size(),
            "{}: row {}: the label {} is an unknown class (--class-names has {} names); correct "
            "the names",
            labels.path(), rows.first + row, label, classes.names().size());
    largest_label = std::max<std::int32_t>(largest_label, label);
    sink.accept(label);
    if (row % 1024 == 0) progress.update(row);
  }
  // Read to the end, so that a truncated file is noticed.
  const std::uint64_t rest = images.shape()[0] - rows.last;
  images.skip(rest * pixels);
  labels.skip(rest);
  images.require_end();
  labels.require_end();
  return largest_label;
}

DataDescription describe(const IdxReader& images, const IdxReader& labels) {
  DataDescription description;
  description.feature_scale = default_feature_scale(io::ElementType::uint8);
  if (images.shape().size() == 3) {
    description.image_shape = ImageShape{static_cast<std::int64_t>(images.shape()[1]),
                                         static_cast<std::int64_t>(images.shape()[2])};
  }
  description.source = source_text(images.path(), images.file_hash()) + ", " +
                       source_text(labels.path(), labels.file_hash());
  return description;
}

}  // namespace

ConversionSummary convert_idx(const IdxRequest& request) {
  require_different_files(request.images, request.output);
  require_different_files(request.labels, request.output);
  const ClassNames classes(request.class_names);
  IdxReader images(request.images, idx_images);
  IdxReader labels(request.labels, idx_labels);
  require(images.shape()[0] == labels.shape()[0],
          "{}: has {} images, but {} has {} labels; give files that belong together",
          request.images, images.shape()[0], request.labels, labels.shape()[0]);
  const ResolvedRows rows = resolve(request.rows, images.shape()[0], request.images);

  io::PendingFile pending(request.output, request.force);
  ConversionSummary summary{.layout = {.rows = rows.count(), .features = images.item_elements()},
                            .description = describe(images, labels)};
  DataFileWriter writer(pending.temporary_path(), request.output, summary.layout);
  OrderedRows sink(writer);
  const std::int32_t largest_label = transfer_rows(images, labels, rows, classes, sink);
  sink.finish();
  summary.description.class_names = classes.names_up_to(largest_label);
  writer.finish(summary.description);
  pending.commit();
  return summary;
}

}  // namespace annmpi::data_tool
