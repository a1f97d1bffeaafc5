#include "annmpi/objective/sample_set.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "annmpi/data/shard.hpp"
#include "annmpi/objective/exact_sums.hpp"
#include "annmpi/objective/held_rows.hpp"

namespace annmpi::objective {

SampleSet load(const data::DealtSet& dealt, model::Device& device,
               const comm::Communicator& communicator) {
  std::array<double, 1> largest{0};
  HeldRows held = read_rows(dealt, communicator, [&](const data::Shard& block) {
    largest[0] = std::max(largest[0], data::largest_feature(block));
  });
  SampleSet samples{nullptr, dealt.partition.rows(), held.content_hash, dealt.streamed};
  communicator.max(largest);
  const std::uint64_t chunks = dealt.partition.chunks() + dealt.chunks_at_a_time - 1;
  const model::SetFacts facts{dealt.rows_at_a_time(), chunks / dealt.chunks_at_a_time, largest[0]};
  communicator.all_agree([&] { samples.shard = device.hold(std::move(held.rows), facts); });
  return samples;
}

double penalised_cost(double loss, double l2, double squared_weights, std::uint64_t rows) {
  const auto m = static_cast<double>(rows);
  return loss / m + l2 / (2 * m) * squared_weights;
}

Measurement measure(model::Device& device, const comm::Communicator& communicator,
                    const SampleSet& set, const Vector& theta, double l2) {
  read_together(set.streamed, communicator, [&] { device.project(*set.shard, theta); });
  const model::LossAndHits mine = device.measure(*set.shard, {theta});
  ExactSums sums({mine.loss}, {mine.hits});
  sums.sum_over(communicator);
  const double squared_weights = device.penalty_dots(theta, nullptr).weights_weights;
  return {penalised_cost(sums.value(0), l2, squared_weights, set.rows),
          static_cast<double>(sums.count(0)) / static_cast<double>(set.rows)};
}

}  // namespace annmpi::objective
