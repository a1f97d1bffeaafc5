#include "annmpi/objective/sample_set.hpp"

#include <array>
#include <utility>

#include "annmpi/data/shard.hpp"

namespace annmpi::objective {

SampleSet load(const data::Dataset& set, const data::Partition& partition, model::Device& device,
               const comm::Communicator& communicator) {
  SampleSet samples{nullptr, partition.rows(), 0};
  std::array<std::uint64_t, 1> hash{0};
  communicator.all_agree([&] {
    data::Shard shard =
        data::read_shard(io::Hdf5File::open(set.path), set, partition.rows_of(communicator.rank()));
    hash[0] = data::content_hash(shard, partition.chunk_rows());
    samples.shard = device.hold(std::move(shard), partition.chunk_rows());
  });
  communicator.sum(hash);
  samples.content_hash = hash[0];
  return samples;
}

double penalised_cost(double loss, double l2, double squared_weights, std::uint64_t rows) {
  const auto m = static_cast<double>(rows);
  return loss / m + l2 / (2 * m) * squared_weights;
}

Measurement measure(model::Device& device, const comm::Communicator& communicator,
                    const SampleSet& set, const Vector& theta, double l2) {
  device.project(*set.shard, theta);
  const model::LossAndHits mine = device.measure(*set.shard, {theta});
  // Counts below 2^53 are exact in double.
  std::array<double, 2> sums{mine.loss, static_cast<double>(mine.hits)};
  communicator.sum(sums);
  const double squared_weights = device.penalty_dots(theta, nullptr).weights_weights;
  return {penalised_cost(sums[0], l2, squared_weights, set.rows),
          sums[1] / static_cast<double>(set.rows)};
}

}  // namespace annmpi::objective
