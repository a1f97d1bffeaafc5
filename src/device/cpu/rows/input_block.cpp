#include "device/cpu/rows/input_block.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace annmpi::device::cpu::mini_batch {
namespace {

/// Features that are tested together, as zeros come in runs.
constexpr std::size_t group = 8;

template <class Stored>
bool all_zero(const Stored* features) {
  if constexpr (sizeof(Stored) == 1) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, features, sizeof(bits));
    return bits == 0;
  } else {
    return std::all_of(features, features + group, [](Stored value) { return value == 0; });
  }
}

}  // namespace

template <class Real>
InputBlock<Real>::InputBlock(const InputFormat& format) : format_(format) {
  if (!format_.in_lists) {
    panels_.resize(most_rows * padded(format_.columns));
    stretches_.resize(panels_of(format_.columns));
  } else {
    // Entries are written before it is known whether they count, so the list needs spare space.
    by_row_.resize(most_rows * format_.columns + group);
    by_column_.resize(most_rows * format_.columns);
    row_begins_.resize(most_rows + 1);
    column_begins_.resize(format_.columns + 1);
    next_in_column_.resize(format_.columns);
  }
  for (int byte = 0; byte < 256; ++byte)
    scaled_bytes_.push_back(static_cast<Real>(byte) * static_cast<Real>(format_.scale));
}

template <class Real>
void InputBlock<Real>::fill(std::span<const std::byte* const> rows, io::ElementType type,
                            bool for_gradient) {
  rows_ = rows.size();
  io::with_feature_type(type, [&]<class Stored>(std::type_identity<Stored>) {
    if (format_.in_lists)
      fill_lists<Stored>(rows);
    else
      fill_panels<Stored>(rows);
  });
  if (for_gradient && format_.in_lists) list_by_column();
}

template <class Real>
template <class Stored>
void InputBlock<Real>::fill_panels(std::span<const std::byte* const> rows) {
  const Panels<Real> X{panels_.data(), rows_, format_.columns};
  const auto scale = static_cast<Real>(format_.scale);
  for (std::size_t i = 0; i < rows_; ++i) {
    const auto* from = reinterpret_cast<const Stored*>(rows[i]);
    for (std::size_t p = 0; p < X.count(); ++p) {
      Real* to = X.at(p, i);
      const std::size_t filled = X.filled(p);
      for (std::size_t c = 0; c < filled; ++c) to[c] = static_cast<Real>(from[c]) * scale;
      from += filled;
    }
  }
}

template <class Real>
template <class Stored>
void InputBlock<Real>::fill_lists(std::span<const std::byte* const> rows) {
  const auto scale = static_cast<Real>(format_.scale);
  kernels::Entry<Real>* next = by_row_.data();
  const auto list = [&](std::size_t column, Stored feature) {
    if constexpr (std::is_same_v<Stored, std::uint8_t>)
      *next = {static_cast<std::uint32_t>(column), scaled_bytes_[feature]};
    else
      *next = {static_cast<std::uint32_t>(column), static_cast<Real>(feature) * scale};
    next += feature != 0 ? 1 : 0;  // avoids an unpredictable branch
  };
  for (std::size_t i = 0; i < rows_; ++i) {
    row_begins_[i] = static_cast<std::uint32_t>(next - by_row_.data());
    const auto* features = reinterpret_cast<const Stored*>(rows[i]);
    std::size_t column = 0;
    for (; column + group <= format_.columns; column += group) {
      if (all_zero(features + column)) continue;
      for (std::size_t n = 0; n < group; ++n) list(column + n, features[column + n]);
    }
    for (; column < format_.columns; ++column) list(column, features[column]);
  }
  row_begins_[rows_] = static_cast<std::uint32_t>(next - by_row_.data());
}

/// Counting sort of the entries by column; rows stay in order within a column.
template <class Real>
void InputBlock<Real>::list_by_column() {
  std::ranges::fill(next_in_column_, 0);
  const std::uint32_t entries = row_begins_[rows_];
  for (std::uint32_t n = 0; n < entries; ++n) ++next_in_column_[by_row_[n].row];
  std::uint32_t begin = 0;
  for (std::size_t column = 0; column < format_.columns; ++column) {
    column_begins_[column] = begin;
    begin += next_in_column_[column];
    next_in_column_[column] = column_begins_[column];
  }
  column_begins_[format_.columns] = begin;
  for (std::uint32_t i = 0; i < rows_; ++i)
    for (std::uint32_t n = row_begins_[i]; n < row_begins_[i + 1]; ++n)
      by_column_[next_in_column_[by_row_[n].row]++] = {i, by_row_[n].value};
}

template <class Real>
void InputBlock<Real>::forward(std::size_t width, const Real* panel, Real* z) {
  const kernels::Start<Real> biases{panel + format_.columns * width, 0};
  if (format_.in_lists)
    return kernels::multiply_lists(width, std::span(row_begins_).first(rows_ + 1), by_row_.data(),
                                   panel, biases, z);
  const Panels<Real> X{panels_.data(), rows_, format_.columns};
  for (std::size_t p = 0; p < X.count(); ++p)
    stretches_[p] = {X.at(p, 0), panel + p * X.width() * width, X.filled(p)};
  kernels::multiply<Real>(width, rows_, stretches_, {X.width(), 1}, biases, z);
}

template <class Real>
void InputBlock<Real>::add_gradient(std::size_t first_input, std::size_t inputs, std::size_t width,
                                    const Real* delta, Real* g) const {
  const kernels::Start<Real> so_far{g, width};
  if (format_.in_lists)
    return kernels::multiply_lists(width,
                                   std::span(column_begins_).subspan(first_input, inputs + 1),
                                   by_column_.data(), delta, so_far, g);
  const Panels<const Real> X{panels_.data(), rows_, format_.columns};
  const kernels::Stretch<Real> stretch{X.at(first_input / X.width(), 0) + first_input % X.width(),
                                       delta, rows_};
  kernels::multiply<Real>(width, inputs, std::span(&stretch, 1), {1, X.width()}, so_far, g);
}

template <class Real>
std::uint64_t InputBlock<Real>::bytes() const {
  return panels_.size() * sizeof(Real) +
         (by_row_.size() + by_column_.size()) * sizeof(kernels::Entry<Real>);
}

template class InputBlock<float>;
template class InputBlock<double>;

}  // namespace annmpi::device::cpu::mini_batch
