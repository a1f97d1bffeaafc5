#include "row_sink.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <span>

#include "progress.hpp"

namespace annmpi::data_tool {
namespace {

constexpr std::size_t block_bytes = std::size_t{4} << 20;
constexpr std::size_t longest_block_rows = 262144;

}  // namespace

OrderedRows::OrderedRows(DataFileWriter& writer)
    : writer_(writer),
      capacity_(std::clamp<std::size_t>(block_bytes / writer.layout().row_bytes(), 1,
                                        longest_block_rows)) {
  capacity_ = static_cast<std::size_t>(std::min<std::uint64_t>(capacity_, writer.layout().rows));
  features_.resize(capacity_ * writer.layout().row_bytes());
  labels_.reserve(capacity_);
}

std::byte* OrderedRows::place() {
  return features_.data() + labels_.size() * writer_.layout().row_bytes();
}

void OrderedRows::accept(std::int32_t label) {
  labels_.push_back(label);
  if (labels_.size() == capacity_) finish();
}

void OrderedRows::finish() {
  const std::size_t bytes = labels_.size() * writer_.layout().row_bytes();
  writer_.write(written_, std::span(features_).first(bytes), labels_);
  written_ += labels_.size();
  labels_.clear();
}

ShuffledRows::ShuffledRows(DataFileWriter& writer, std::uint64_t seed, std::size_t budget_bytes)
    : writer_(writer),
      permutation_(writer.layout().rows, seed),
      row_bytes_(writer.layout().row_bytes()) {
  // Ordering a bucket needs its labels and two numbers per row.
  constexpr std::size_t more_bytes = sizeof(std::int32_t) + 2 * sizeof(std::uint64_t);
  const std::uint64_t rows = writer.layout().rows;
  bucket_rows_ = std::clamp<std::uint64_t>(budget_bytes / (row_bytes_ + more_bytes), 1, rows);
  const auto buckets = static_cast<std::size_t>((rows + bucket_rows_ - 1) / bucket_rows_);
  buffer_rows_ = std::min<std::size_t>(static_cast<std::size_t>(bucket_rows_),
                                       budget_bytes / buckets / (row_bytes_ + more_bytes));
  straight_ = buffer_rows_ == 0;
  if (!straight_) buckets_.resize(buckets);
  const std::size_t room = straight_ ? 1 : buckets * buffer_rows_;
  features_.resize(room * row_bytes_);
  labels_.resize(room);
}

std::uint64_t ShuffledRows::first_row(std::size_t bucket) const {
  return bucket * bucket_rows_;
}

std::uint64_t ShuffledRows::rows_in(std::size_t bucket) const {
  return std::min(bucket_rows_, writer_.layout().rows - first_row(bucket));
}

std::byte* ShuffledRows::place() {
  target_ = permutation_(next_);
  if (straight_) return features_.data();
  const auto bucket = static_cast<std::size_t>(target_ / bucket_rows_);
  const std::size_t slot = bucket * buffer_rows_ + buckets_[bucket].in_buffer;
  return features_.data() + slot * row_bytes_;
}

void ShuffledRows::accept(std::int32_t label) {
  ++next_;
  if (straight_) {
    writer_.write(target_, features_, std::span(&label, 1));
    return;
  }
  const auto bucket = static_cast<std::size_t>(target_ / bucket_rows_);
  labels_[bucket * buffer_rows_ + buckets_[bucket].in_buffer++] = label;
  // A bucket that fits into its buffer stays there: it need not be written and read back.
  if (buckets_[bucket].in_buffer == buffer_rows_ && buffer_rows_ < bucket_rows_) flush(bucket);
}

void ShuffledRows::flush(std::size_t bucket) {
  Bucket& state = buckets_[bucket];
  const std::size_t slot = bucket * buffer_rows_;
  writer_.write(first_row(bucket) + state.in_file,
                std::span(features_).subspan(slot * row_bytes_, state.in_buffer * row_bytes_),
                std::span(labels_).subspan(slot, state.in_buffer));
  state.in_file += state.in_buffer;
  state.in_buffer = 0;
}

void ShuffledRows::order(std::size_t bucket) {
  const auto rows = static_cast<std::size_t>(rows_in(bucket));
  std::vector<std::byte> sorted(rows * row_bytes_);
  std::vector<std::int32_t> sorted_labels(rows);
  {
    // Rows arrived in input order: the r-th in the file has the r-th smallest number of this
    // bucket.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> arrivals(rows);
    for (std::size_t place = 0; place < rows; ++place) {
      arrivals[place] = {permutation_.inverse(first_row(bucket) + place), place};
    }
    std::sort(arrivals.begin(), arrivals.end());
    for (std::size_t arrival = 0; arrival < rows; ++arrival) {
      const auto place = static_cast<std::size_t>(arrivals[arrival].second);
      std::memcpy(sorted.data() + place * row_bytes_, features_.data() + arrival * row_bytes_,
                  row_bytes_);
      sorted_labels[place] = labels_[arrival];
    }
  }
  writer_.write(first_row(bucket), sorted, sorted_labels);
}

void ShuffledRows::finish() {
  if (straight_) return;
  if (buckets_.size() == 1) {
    order(0);
    return;
  }
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) flush(bucket);
  Progress progress("ordering the shuffled rows", buckets_.size());
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    const auto rows = static_cast<std::size_t>(rows_in(bucket));
    features_.resize(rows * row_bytes_);
    labels_.resize(rows);
    writer_.read(first_row(bucket), features_, labels_);
    order(bucket);
    progress.update(bucket);
  }
}

std::unique_ptr<RowSink> make_row_sink(DataFileWriter& writer,
                                       std::optional<std::uint64_t> shuffle_seed) {
  if (shuffle_seed) return std::make_unique<ShuffledRows>(writer, *shuffle_seed);
  return std::make_unique<OrderedRows>(writer);
}

}  // namespace annmpi::data_tool
