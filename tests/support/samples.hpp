#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "annmpi/data/host_block.hpp"
#include "annmpi/io/hdf5.hpp"

namespace annmpi::tests {

/// A small data set in memory: stored values [rows, columns] and labels [rows].
struct Samples {
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;
  io::ElementType type = io::ElementType::float64;
  double feature_scale = 1;
  std::vector<double> values;
  std::vector<std::int32_t> labels;

  /// The network's input of row i.
  [[nodiscard]] std::vector<double> row(std::uint64_t i) const {
    std::vector<double> x(values.begin() + static_cast<std::ptrdiff_t>(i * columns),
                          values.begin() + static_cast<std::ptrdiff_t>((i + 1) * columns));
    for (double& value : x) value *= feature_scale;
    return x;
  }
};

/// Random samples whose stored values the type represents exactly: whole numbers 0..255 with scale
/// 1/255 as uint8, multiples of 1/64 in [-2, 2] otherwise. The same on every machine.
inline Samples random_samples(std::uint64_t rows, std::uint64_t columns, int classes,
                              io::ElementType type, std::uint32_t seed) {
  std::mt19937 random(seed);
  const bool pixels = type == io::ElementType::uint8;
  Samples samples{rows, columns, type, pixels ? 1.0 / 255.0 : 1.0, {}, {}};
  for (std::uint64_t i = 0; i < rows * columns; ++i) {
    const auto draw = static_cast<double>(random() % 256);
    samples.values.push_back(pixels ? draw : (draw - 128) / 64);
  }
  for (std::uint64_t i = 0; i < rows; ++i)
    samples.labels.push_back(static_cast<std::int32_t>(random() % static_cast<unsigned>(classes)));
  return samples;
}

namespace detail {
template <class T>
std::vector<T> stored(const Samples& samples, data::Range rows) {
  std::vector<T> out;
  for (std::uint64_t i = rows.begin * samples.columns; i < rows.end * samples.columns; ++i)
    out.push_back(static_cast<T>(samples.values[i]));
  return out;
}

/// Calls use(values) with the values of these rows in their stored type.
template <class Use>
void with_stored(const Samples& samples, data::Range rows, Use&& use) {
  if (samples.type == io::ElementType::uint8)
    use(stored<std::uint8_t>(samples, rows));
  else if (samples.type == io::ElementType::float32)
    use(stored<float>(samples, rows));
  else
    use(stored<double>(samples, rows));
}
}  // namespace detail

/// These rows as a HostBlock.
inline data::HostBlock shard_of(const Samples& samples, data::Range rows) {
  data::HostBlock shard(rows, samples.columns, samples.type, samples.feature_scale);
  detail::with_stored(samples, rows, [&](const auto& values) {
    const auto bytes = std::as_bytes(std::span(values));
    std::copy(bytes.begin(), bytes.end(), shard.bytes().begin());
  });
  for (std::uint64_t i = rows.begin; i < rows.end; ++i)
    shard.labels()[i - rows.begin] = samples.labels[i];
  return shard;
}
inline data::HostBlock shard_of(const Samples& samples) {
  return shard_of(samples, {0, samples.rows});
}

/// A data file as annmpi-data writes it; without class names if there are none.
inline void write_data_file(const std::string& path, const Samples& samples,
                            const std::vector<std::string>& class_names = {}) {
  io::Hdf5File file = io::Hdf5File::create(path, path);
  {
    io::Hdf5Dataset features =
        file.create_dataset("features", samples.type, {samples.rows, samples.columns});
    detail::with_stored(samples, {0, samples.rows}, [&](const auto& values) {
      features.write_rows_as_stored(0, samples.rows, std::as_bytes(std::span(values)));
    });
    io::Hdf5Dataset labels = file.create_dataset("labels", io::ElementType::int32, {samples.rows});
    labels.write_rows<std::int32_t>(0, samples.rows, samples.labels);
  }
  file.set_attribute("annmpi_schema", std::int64_t{1});
  file.set_attribute("feature_scale", samples.feature_scale);
  if (!class_names.empty()) file.set_attribute("class_names", class_names);
  file.close();
}

/// Numbers in [-1, 1), the same on every machine.
inline std::vector<double> random_vector(std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<double> values(size);
  for (double& value : values) value = static_cast<double>(random()) / 2147483648.0 - 1;
  return values;
}

}  // namespace annmpi::tests
