#pragma once

#include <cstdint>

/// Names in annmpi's data files (docs/formats.md), schema 1: two datasets, and attributes of the
/// root. A file from other software needs only the datasets.
namespace annmpi::data::schema {

inline constexpr std::int64_t version = 1;
inline constexpr auto version_attribute = "annmpi_schema";
inline constexpr auto features = "features";
inline constexpr auto labels = "labels";
/// The input of the network is feature * feature_scale.
inline constexpr auto feature_scale = "feature_scale";
inline constexpr auto class_names = "class_names";
/// [rows, columns] where the features are the pixels of an image, row-major.
inline constexpr auto image_shape = "image_shape";
/// Name and hash of the file's source.
inline constexpr auto source = "source";
/// Dataset [blocks, 2]: XXH3 (64 bits) of the bytes of `features` and of `labels`, per block of
/// `checksum_rows` rows; the last block may be shorter.
inline constexpr auto checksums = "chunk_checksums";
inline constexpr auto checksum_rows = "checksum_rows";

/// Labels are 0 ... maximum_classes - 1. The names of all classes must fit into one attribute,
/// which HDF5 limits to 64 KiB.
inline constexpr std::int32_t maximum_classes = 4000;

}  // namespace annmpi::data::schema
