#include "annmpi/objective/held_rows.hpp"

#include <array>

#include "objective/first_reading.hpp"

namespace annmpi::objective {

HeldRows read_rows(const data::DealtSet& dealt, const comm::Communicator& communicator,
                   const std::function<void(const data::HostBlock& block)>& look) {
  std::array<std::uint64_t, 1> hash{0};
  data::LocalSet source = communicator.all_agree([&]() -> data::LocalSet {
    FirstReading reading(dealt, communicator.rank(), look);
    data::LocalSet rows = [&]() -> data::LocalSet {
      if (dealt.streamed) return reading.stream();
      const data::Dataset& set = dealt.set;
      data::HostBlock all(reading.rows(), set.features, set.type, set.feature_scale);
      reading.fill(all);
      return all;
    }();
    hash[0] = reading.content_hash();
    return rows;
  });
  communicator.sum(hash);
  return {std::move(source), dealt.partition, hash[0], dealt.streamed};
}

}  // namespace annmpi::objective
