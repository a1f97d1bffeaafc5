#include "annmpi/objective/loaded_set.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "annmpi/data/host_block.hpp"
#include "annmpi/io/hdf5.hpp"

namespace annmpi::objective {
namespace {

/// The first pass over this rank's rows of a set: checks and hashes them, and collects the facts
/// that the device needs.
class FirstReading {
 public:
  /// @throws Error if the file cannot be opened.
  FirstReading(const data::DealtSet& dealt, int rank, const data::NeededFacts& needed)
      : dealt_(dealt),
        needed_(needed),
        own_(dealt.partition.rows_of(rank)),
        file_(io::Hdf5File::open(dealt.set.path)) {}

  /// @throws Error if a row is invalid.
  [[nodiscard]] std::unique_ptr<device::DeviceRows> read_to(device::Device& device) {
    if (dealt_.streamed) return device.take(stream());
    return device.receive({dealt_.set, own_, dealt_.partition.chunk_rows()},
                          [&](data::HostBlock& block) {
                            data::read_rows(file_, dealt_.set, block);
                            note(block);
                          });
  }

  // Over the rows read so far.
  std::uint64_t content_hash = 0;
  std::uint64_t filled_features = 0;
  double largest_feature = 0;

 private:
  [[nodiscard]] data::LocalSet stream() {
    data::LocalSet rows(file_, dealt_.set, own_, dealt_.rows_at_a_time());
    rows.for_each_block([&](const data::HostBlock& block) {
      data::require_finite_features(block, dealt_.set);
      note(block);
    });
    return rows;
  }

  void note(const data::HostBlock& block) {
    content_hash += data::content_hash(block, dealt_.partition.chunk_rows());
    if (needed_.filled) filled_features += data::filled_features(block);
    if (needed_.largest_feature)
      largest_feature = std::max(largest_feature, data::largest_feature(block));
  }

  const data::DealtSet& dealt_;
  data::NeededFacts needed_;
  data::Range own_;
  io::Hdf5File file_;
};

double share(std::int64_t hits, std::uint64_t rows) {
  return static_cast<double>(hits) / static_cast<double>(rows);
}

}  // namespace

LoadedSet load(const data::DealtSet& dealt, device::Device& device,
               const comm::Communicator& communicator) {
  std::array<std::uint64_t, 2> sums{};
  std::array<double, 1> largest{};
  LoadedSet set{nullptr, dealt.partition, 0, dealt.streamed};
  communicator.all_agree([&] {
    FirstReading reading(dealt, communicator.rank(), device.needed_facts());
    set.rows = reading.read_to(device);
    sums = {reading.content_hash, reading.filled_features};
    largest = {reading.largest_feature};
  });
  communicator.sum(sums);
  communicator.max(largest);
  set.content_hash = sums[0];
  const std::uint64_t chunks = dealt.partition.chunks() + dealt.chunks_at_a_time - 1;
  const data::SetFacts facts{.chunk_rows = dealt.rows_at_a_time(),
                             .chunks = chunks / dealt.chunks_at_a_time,
                             .largest_feature = largest[0],
                             .filled = static_cast<double>(sums[1]) /
                                       static_cast<double>(dealt.set.rows) /
                                       static_cast<double>(dealt.set.features)};
  communicator.all_agree([&] { device.complete(*set.rows, facts); });
  return set;
}

double penalised_cost(double loss, double l2, double squared_weights, std::uint64_t rows) {
  const auto m = static_cast<double>(rows);
  return loss / m + l2 / (2 * m) * squared_weights;
}

PointState reduce(const OwnSums& own, const LoadedSet& training, const LoadedSet* monitored,
                  double l2, double squared_weights,
                  const std::function<void(ExactSums& sums)>& add) {
  ExactSums sums({own.training.loss, own.monitored.loss},
                 {own.training.hits, own.monitored.hits, own.stop_requested ? 1 : 0});
  add(sums);
  const auto measurement = [&](std::size_t index, const LoadedSet& set) {
    return Measurement{penalised_cost(sums.value(index), l2, squared_weights, set.size()),
                       share(sums.count(index), set.size())};
  };
  PointState state{
      .training = measurement(0, training), .monitored = {}, .stop_requested = sums.count(2) > 0};
  if (monitored != nullptr) state.monitored = measurement(1, *monitored);
  return state;
}

Measurement measure(device::Device& device, const comm::Communicator& communicator,
                    const LoadedSet& set, const Vector& theta, double l2) {
  const device::LossAndHits mine =
      read_together(set.streamed, communicator, [&] { return device.evaluate(*set.rows, theta); });
  ExactSums sums({mine.loss}, {mine.hits});
  sums.sum_over(communicator);
  // GPUs and CPUs in one job sum in different orders.
  double squared_weights = device.squared_weights(theta);
  communicator.from_root(std::as_writable_bytes(std::span(&squared_weights, 1)));
  return {penalised_cost(sums.value(0), l2, squared_weights, set.size()),
          share(sums.count(0), set.size())};
}

}  // namespace annmpi::objective
