#include "prediction.hpp"

#include <algorithm>
#include <limits>
#include <memory>

#include "annmpi/data/host_block.hpp"
#include "annmpi/device/device.hpp"
#include "annmpi/objective/loaded_set.hpp"

namespace annmpi::predict {
namespace {

/// Keeps rows and their values in cache, or nearly.
constexpr std::uint64_t block_bytes = 8 << 20;
constexpr std::uint64_t chunk_rows = 96;

std::uint64_t rows_per_block(const data::Dataset& set) {
  const std::uint64_t row_bytes = set.features * sizeof(double);
  return std::max<std::uint64_t>(chunk_rows, block_bytes / row_bytes / chunk_rows * chunk_rows);
}

/// The header of the data file, after a check that the model can be applied to it.
data::Dataset fitting_description(const output::Model& model, const io::Hdf5File& file) {
  data::Dataset expected;
  expected.path = "the model";
  expected.features = model.network.inputs();
  expected.feature_scale = model.feature_scale;
  expected.class_names = model.class_names;
  data::Dataset set = data::describe(file);
  data::require_compatible(expected, set);
  set.class_names = model.class_names;
  return set;
}

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? std::numeric_limits<double>::quiet_NaN()
                    : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

double Evaluation::precision(std::size_t k) const {
  std::int64_t predicted = 0;
  for (const auto& row : confusion) predicted += row[k];
  return share(confusion[k][k], predicted);
}

double Evaluation::recall(std::size_t k) const {
  std::int64_t actual = 0;
  for (const std::int64_t count : confusion[k]) actual += count;
  return share(confusion[k][k], actual);
}

Evaluation evaluate(const output::Model& model, Parameters parameters, const io::Hdf5File& file,
                    const std::function<void(const Block&)>& show) {
  const data::Dataset set = fitting_description(model, file);
  const std::size_t classes = model.network.classes();
  const auto device = device::make_cpu_device(model.network, [](auto) {},
                                              {.bytes = set.type == io::ElementType::uint8});
  const std::unique_ptr<Vector> theta = device->space().zero();
  device->space().upload(parameters == Parameters::selected ? model.selected : model.last, *theta);

  Evaluation evaluation;
  evaluation.rows = set.rows;
  evaluation.confusion.assign(classes, std::vector<std::int64_t>(classes, 0));
  Superaccumulator loss;
  std::int64_t hits = 0;
  std::vector<double> probabilities;
  std::vector<std::int32_t> labels, predictions;
  const std::uint64_t most_rows = rows_per_block(set);
  for (std::uint64_t first = 0; first < set.rows; first += most_rows) {
    const data::Range range{first, std::min(first + most_rows, set.rows)};
    data::HostBlock rows = data::read_block(file, set, range);
    labels.assign(rows.labels().begin(), rows.labels().end());
    predictions.resize(range.size());
    probabilities.resize(range.size() * classes);

    const auto shard = device->hold(std::move(rows), {.chunk_rows = chunk_rows});
    device->project(*shard, *theta);
    const device::LossAndHits sums = device->measure(*shard, {*theta});
    loss.add(sums.loss);
    hits += sums.hits;
    device->logits(*shard, {*theta}, probabilities);
    for (std::size_t i = 0; i < range.size(); ++i) {
      const auto row = std::span(probabilities).subspan(i * classes, classes);
      predictions[i] = network::predicted_class(row);
      network::to_probabilities(model.network.output, row);
      ++evaluation.confusion[static_cast<std::size_t>(labels[i])]
                            [static_cast<std::size_t>(predictions[i])];
    }
    show({first, labels, predictions, probabilities});
  }
  const auto m = static_cast<double>(set.rows);
  evaluation.loss = loss.value() / m;
  evaluation.cost = objective::penalised_cost(
      loss.value(), model.l2, device->penalty_dots(*theta, nullptr).weights_weights, set.rows);
  evaluation.accuracy = static_cast<double>(hits) / m;
  return evaluation;
}

}  // namespace annmpi::predict
