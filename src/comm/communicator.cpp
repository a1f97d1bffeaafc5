#include "annmpi/comm/communicator.hpp"

#include <algorithm>
#include <array>

#include "annmpi/comm/mpi_session.hpp"

namespace annmpi::comm {
namespace {

template <class T>
void allreduce(std::span<T> values, MPI_Datatype type, MPI_Op operation, MPI_Comm communicator) {
  for (std::size_t first = 0; first < values.size(); first += longest_message) {
    const auto piece = values.subspan(first, std::min(longest_message, values.size() - first));
    MPI_Allreduce(MPI_IN_PLACE, piece.data(), static_cast<int>(piece.size()), type, operation,
                  communicator);
  }
}

}  // namespace

Communicator::Communicator(MPI_Comm handle) : handle_(handle) {
  MPI_Comm_rank(handle_, &rank_);
  MPI_Comm_size(handle_, &size_);
}

void Communicator::sum(std::span<double> values) const {
  allreduce(values, MPI_DOUBLE, MPI_SUM, handle_);
}

void Communicator::sum(std::span<std::int64_t> values) const {
  allreduce(values, MPI_INT64_T, MPI_SUM, handle_);
}

void Communicator::sum(std::span<std::uint64_t> values) const {
  allreduce(values, MPI_UINT64_T, MPI_SUM, handle_);
}

void Communicator::max(std::span<std::int64_t> values) const {
  allreduce(values, MPI_INT64_T, MPI_MAX, handle_);
}

void Communicator::max(std::span<double> values) const {
  allreduce(values, MPI_DOUBLE, MPI_MAX, handle_);
}

void Communicator::min(std::span<double> values) const {
  allreduce(values, MPI_DOUBLE, MPI_MIN, handle_);
}

void Communicator::from_root(std::span<std::byte> bytes) const {
  for (std::size_t first = 0; first < bytes.size(); first += longest_message) {
    const auto piece = bytes.subspan(first, std::min(longest_message, bytes.size() - first));
    MPI_Bcast(piece.data(), static_cast<int>(piece.size()), MPI_BYTE, 0, handle_);
  }
}

std::string Communicator::from_root(std::string text) const {
  broadcast(text, 0);
  return text;
}

std::vector<std::vector<double>> Communicator::gather(std::span<const double> values) const {
  const auto ranks = static_cast<std::size_t>(is_root() ? size_ : 0);
  std::vector<double> all(ranks * values.size());
  const int count = static_cast<int>(values.size());
  MPI_Gather(values.data(), count, MPI_DOUBLE, all.data(), count, MPI_DOUBLE, 0, handle_);
  std::vector<std::vector<double>> rows;
  for (std::size_t rank = 0; rank < ranks; ++rank) {
    const auto* first = all.data() + rank * values.size();
    rows.emplace_back(first, first + values.size());
  }
  return rows;
}

MPI_Comm Communicator::duplicate() const {
  MPI_Comm copy = MPI_COMM_NULL;
  MPI_Comm_dup(handle_, &copy);
  return copy;
}

std::vector<std::string> Communicator::gather_texts(const std::string& mine) const {
  // MPI_Gather needs equal lengths: pad to the longest.
  std::array<std::int64_t, 1> length{static_cast<std::int64_t>(mine.size())};
  max(length);
  std::string padded = mine;
  padded.resize(static_cast<std::size_t>(length[0]) + 1);
  std::string all(padded.size() * static_cast<std::size_t>(is_root() ? size_ : 0), '\0');
  const int count = static_cast<int>(padded.size());
  MPI_Gather(padded.data(), count, MPI_CHAR, all.data(), count, MPI_CHAR, 0, handle_);
  std::vector<std::string> texts;
  for (std::size_t first = 0; first < all.size(); first += padded.size())
    texts.emplace_back(all.c_str() + first);
  return texts;
}

int Communicator::rank_on_host() const {
  return on_host().rank;
}

int Communicator::ranks_on_host() const {
  return on_host().size;
}

int Communicator::hosts() const {
  // Count the first rank of each host.
  std::array<std::int64_t, 1> hosts{on_host().rank == 0 ? 1 : 0};
  sum(hosts);
  return static_cast<int>(hosts[0]);
}

Communicator::Place Communicator::on_host() const {
  MPI_Comm host = MPI_COMM_NULL;
  MPI_Comm_split_type(handle_, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &host);
  Place place{};
  MPI_Comm_rank(host, &place.rank);
  MPI_Comm_size(host, &place.size);
  MPI_Comm_free(&host);
  return place;
}

Decide Communicator::decide() const {
  return {is_root(), [self = *this](std::span<std::byte> bytes) { self.from_root(bytes); }};
}

Decide Communicator::decide(PhaseTimes& times) const {
  if (size_ == 1) return {};
  return {is_root(), [self = *this, &times](std::span<std::byte> bytes) {
            times.measure(self.is_root() ? Phase::reduce : Phase::wait,
                          [&] { self.from_root(bytes); });
          }};
}

void Communicator::broadcast(std::string& text, int from) const {
  std::uint64_t length = text.size();
  MPI_Bcast(&length, 1, MPI_UINT64_T, from, handle_);
  text.resize(length);
  MPI_Bcast(text.data(), static_cast<int>(length), MPI_CHAR, from, handle_);
}

void Communicator::throw_if_any(const std::optional<std::string>& trouble) const {
  // The maximum of -rank finds the lowest rank that failed.
  std::array<std::int64_t, 1> lowest{trouble ? -rank_ : -size_};
  max(lowest);
  if (lowest[0] == -size_) return;
  std::array<std::int64_t, 1> troubled{trouble ? 1 : 0};
  sum(troubled);
  const int source = static_cast<int>(-lowest[0]);
  std::string message = trouble.value_or("");
  if (trouble && troubled[0] < size_ && rank_ != 0)
    message += fmt::format(" (seen by rank {} on {})", rank_, host_name());
  broadcast(message, source);
  throw AgreedError(message);
}

}  // namespace annmpi::comm
