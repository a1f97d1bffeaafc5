#include "annmpi/objective/sample_set.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "annmpi/data/host_block.hpp"
#include "annmpi/device/host_rows.hpp"
#include "annmpi/objective/exact_sums.hpp"
#include "annmpi/objective/held_rows.hpp"

#include "objective/first_reading.hpp"

namespace annmpi::objective {
namespace {

std::unique_ptr<device::ReceivedRows> receive(FirstReading& reading, const data::DealtSet& dealt,
                                              device::FullBatchDevice& device) {
  if (dealt.streamed) return std::make_unique<device::HostRows>(device, reading.stream());
  return device.receive({dealt.set, reading.rows(), dealt.partition.chunk_rows()},
                        [&](data::HostBlock& block) { reading.fill(block); });
}

}  // namespace

SampleSet load(const data::DealtSet& dealt, device::FullBatchDevice& device,
               const comm::Communicator& communicator) {
  std::array<double, 1> largest{0};
  const FirstReading::Look look = [&](const data::HostBlock& block) {
    largest[0] = std::max(largest[0], data::largest_feature(block));
  };
  std::array<std::uint64_t, 1> hash{0};
  const auto rows = communicator.all_agree([&]() -> std::unique_ptr<device::ReceivedRows> {
    FirstReading reading(dealt, communicator.rank(), look);
    auto received = receive(reading, dealt, device);
    hash[0] = reading.content_hash();
    return received;
  });
  communicator.sum(hash);
  communicator.max(largest);
  SampleSet samples{nullptr, dealt.partition.rows(), hash[0], dealt.streamed};
  const std::uint64_t chunks = dealt.partition.chunks() + dealt.chunks_at_a_time - 1;
  const data::SetFacts facts{dealt.rows_at_a_time(), chunks / dealt.chunks_at_a_time, largest[0]};
  communicator.all_agree([&] { samples.shard = rows->hold(facts); });
  return samples;
}

double penalised_cost(double loss, double l2, double squared_weights, std::uint64_t rows) {
  const auto m = static_cast<double>(rows);
  return loss / m + l2 / (2 * m) * squared_weights;
}

Measurement measure(device::FullBatchDevice& device, const comm::Communicator& communicator,
                    const SampleSet& set, const Vector& theta, double l2) {
  read_together(set.streamed, communicator, [&] { device.project(*set.shard, theta); });
  const device::LossAndHits mine = device.measure(*set.shard, {theta});
  ExactSums sums({mine.loss}, {mine.hits});
  sums.sum_over(communicator);
  const double squared_weights = device.penalty_dots(theta, nullptr).weights_weights;
  return {penalised_cost(sums.value(0), l2, squared_weights, set.rows),
          static_cast<double>(sums.count(0)) / static_cast<double>(set.rows)};
}

}  // namespace annmpi::objective
