#include "annmpi/data/data_sets.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <vector>

#include "annmpi/base/error.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/data/schema.hpp"

namespace annmpi::data {
namespace {

std::int64_t largest_label_in(const io::Hdf5File& file) {
  constexpr std::uint64_t block_rows = 1 << 20;
  const io::Hdf5Dataset labels = file.dataset(schema::labels);
  const std::uint64_t rows = labels.shape()[0];
  std::vector<std::int64_t> block;
  std::int64_t largest = std::numeric_limits<std::int64_t>::min();
  for (std::uint64_t first = 0; first < rows; first += block_rows) {
    block.resize(std::min(block_rows, rows - first));
    labels.read_rows(first, block.size(), std::span(block));
    largest = std::max(largest, *std::ranges::max_element(block));
  }
  return largest;
}

/// "0", "1", ... for a file without names, as many as its labels need.
std::vector<std::string> numbered_classes(const std::string& path,
                                          const comm::Communicator& communicator) {
  std::array<std::int64_t, 1> largest{0};
  communicator.on_root([&] {
    largest[0] = largest_label_in(io::Hdf5File::open(path));
    require(largest[0] >= 0 && largest[0] < schema::maximum_classes,
            "{}: labels: the largest is {} (classes are numbered from 0, {} at most); repair the "
            "data",
            path, largest[0], schema::maximum_classes);
  });
  communicator.from_root(std::as_writable_bytes(std::span(largest)));
  std::vector<std::string> names;
  for (std::int64_t k = 0; k <= largest[0]; ++k) names.push_back(std::to_string(k));
  return names;
}

/// Reads the header of a file on every rank. Collective.
Dataset describe_everywhere(const std::string& path, const comm::Communicator& communicator) {
  return communicator.all_agree([&] { return describe(io::Hdf5File::open(path)); });
}

}  // namespace

DataSets inspect(const config::Configuration::Data& files, const comm::Communicator& communicator) {
  DataSets sets{describe_everywhere(files.train, communicator), {}, {}};
  Dataset& training = sets.training;
  if (training.class_names.empty())
    training.class_names = numbered_classes(training.path, communicator);

  const auto companion = [&](const std::string& path) -> std::optional<Dataset> {
    if (path.empty()) return std::nullopt;
    Dataset set = describe_everywhere(path, communicator);
    communicator.all_agree([&] { require_compatible(training, set); });
    // Labels must be valid in the training set.
    set.class_names = training.class_names;
    return set;
  };
  sets.monitored = companion(files.validation.empty() ? files.test : files.validation);
  if (!files.validation.empty()) sets.test = companion(files.test);
  return sets;
}

DealtSets deal(const DataSets& sets, std::int64_t chunk_rows, std::uint64_t parameters, int ranks,
               bool streamed, Hardware hardware, std::span<const double> shares) {
  const auto dealt = [&](const Dataset& set) {
    DealtSet dealt_set{
        set, make_partition(set.rows, chunk_rows, parameters, ranks, hardware, shares), streamed};
    if (hardware == Hardware::gpu_beside_cpus)
      dealt_set.chunks_at_a_time =
          std::max<std::uint64_t>(1, gpu_chunk_rows / dealt_set.partition.chunk_rows());
    return dealt_set;
  };
  const auto dealt_if_any = [&](const std::optional<Dataset>& set) {
    return set ? std::optional(dealt(*set)) : std::nullopt;
  };
  return {dealt(sets.training), dealt_if_any(sets.monitored), dealt_if_any(sets.test)};
}

}  // namespace annmpi::data
