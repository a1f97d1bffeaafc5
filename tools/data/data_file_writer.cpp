#include "data_file_writer.hpp"

#include <vector>

#include "checksums.hpp"
#include "interruption.hpp"
#include "progress.hpp"

namespace annmpi::data_tool {

DataFileWriter::DataFileWriter(const std::string& path, const std::string& shown_path,
                               const DataLayout& layout)
    : layout_(layout),
      file_(io::Hdf5File::create(path, shown_path)),
      features_(file_.create_dataset(schema::features, layout.feature_type,
                                     {layout.rows, layout.features})),
      labels_(file_.create_dataset(schema::labels, layout.label_type, {layout.rows})) {}

void DataFileWriter::write(std::uint64_t first, std::span<const std::byte> features,
                           std::span<const std::int32_t> labels) {
  interruption::check();
  features_.write_rows_as_stored(first, labels.size(), features);
  labels_.write_rows<std::int32_t>(first, labels.size(), labels);
}

void DataFileWriter::read(std::uint64_t first, std::span<std::byte> features,
                          std::span<std::int32_t> labels) const {
  interruption::check();
  features_.read_rows_as_stored(first, labels.size(), features);
  labels_.read_rows<std::int32_t>(first, labels.size(), labels);
}

void DataFileWriter::finish(const DataDescription& description) {
  const std::uint64_t rows_per_block = checksum_rows(layout_);
  const std::uint64_t blocks = block_count(layout_.rows, rows_per_block);
  {
    io::Hdf5Dataset checksums = file_.create_uint64_dataset(schema::checksums, {blocks, 2});
    Progress progress("computing checksums", blocks);
    for_each_checksum(features_, labels_, rows_per_block,
                      [&](std::uint64_t block, const BlockChecksum& checksum) {
                        checksums.write_rows<std::uint64_t>(block, 1, checksum);
                        progress.update(block);
                      });
  }
  file_.set_attribute(schema::version_attribute, schema::version);
  file_.set_attribute(schema::feature_scale, description.feature_scale);
  file_.set_attribute(schema::class_names, description.class_names);
  if (description.image_shape) {
    file_.set_attribute(
        schema::image_shape,
        std::vector<std::int64_t>{description.image_shape->rows, description.image_shape->columns});
  }
  file_.set_attribute(schema::source, description.source);
  file_.set_attribute(schema::checksum_rows, static_cast<std::int64_t>(rows_per_block));
  features_ = {};
  labels_ = {};
  file_.close();
}

}  // namespace annmpi::data_tool
