#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "device/cpu/gemm/panel_product.hpp"
#include "device/cpu/simd/aligned_vector.hpp"
#include "device/cpu/simd/each_simd_target.hpp"
#include "support/layer_data.hpp"

// Every element is one chain of fused multiply-adds: compared bit for bit with std::fma in a loop,
// on every SIMD target.
namespace annmpi::tests {
namespace {

using namespace device::cpu::kernels;

template <class Real>
AlignedVector<Real> random_reals(std::size_t count, std::uint32_t seed) {
  AlignedVector<Real> values;
  for (const double value : random_numbers(count, seed)) values.push_back(static_cast<Real>(value));
  return values;
}

template <class Real>
void expect_products(std::size_t width, std::size_t rows, LeftStrides left_of_row,
                     const std::vector<std::size_t>& counts) {
  std::size_t inner = 0;
  for (const std::size_t count : counts) inner += count;
  const auto left =
      random_reals<Real>(rows * left_of_row.rows + (inner + 1) * left_of_row.inner + 1, 1);
  const auto right = random_reals<Real>((inner + 1) * width, 2);
  const auto start = random_reals<Real>((rows + 1) * width, 3);
  std::vector<Stretch<Real>> stretches;
  std::size_t k = 0;
  for (const std::size_t count : counts) {
    stretches.push_back({left.data() + k * left_of_row.inner, right.data() + k * width, count});
    k += count;
  }
  for (const Start<Real> from :
       {Start<Real>{}, Start<Real>{start.data(), 0}, Start<Real>{start.data(), width}}) {
    AlignedVector<Real> expected(rows * width);
    for (std::size_t m = 0; m < rows; ++m)
      for (std::size_t c = 0; c < width; ++c) {
        Real sum = from.data == nullptr ? Real{0} : from.data[m * from.stride + c];
        for (k = 0; k < inner; ++k)
          sum = std::fma(left[m * left_of_row.rows + k * left_of_row.inner], right[k * width + c],
                         sum);
        expected[m * width + c] = sum;
      }
    for_each_simd_target([&](const char* name) {
      AlignedVector<Real> out(rows * width);
      multiply<Real>(width, rows, stretches, left_of_row, from, out.data());
      EXPECT_TRUE(out == expected) << name << ", " << rows << " rows of " << width;
    });
  }
}

TEST(PanelProduct, IsOneChainPerElementOnEveryTarget) {
  for (const std::size_t width : {slim_panel, wide_panel})
    for (const std::size_t rows : {1U, 2U, 7U, 8U, 21U}) {
      expect_products<float>(width, rows, {32, 1}, {32, 32, 5});
      expect_products<double>(width, rows, {32, 1}, {32, 32, 5});
      expect_products<float>(width, rows, {1, 32}, {19});
      expect_products<double>(width, rows, {1, 32}, {3, 1});
    }
  expect_products<float>(wide_panel, 1, {0, 0}, {11});
}

template <class Real>
void expect_lists(std::size_t width, std::size_t lists) {
  constexpr std::size_t inner = 29;
  const auto right = random_reals<Real>(inner * width, 1);
  const auto start = random_reals<Real>((lists + 1) * width, 2);
  // Lists of different lengths, some of them empty.
  const auto factors = random_reals<Real>(lists * inner, 3);
  std::vector<Entry<Real>> entries;
  std::vector<std::uint32_t> begins{0};
  for (std::size_t m = 0; m < lists; ++m) {
    for (std::size_t k = m; k < inner; k += 1 + m % 5)
      if (m % 4 != 3) entries.push_back({static_cast<std::uint32_t>(k), factors[m * inner + k]});
    begins.push_back(static_cast<std::uint32_t>(entries.size()));
  }
  for (const Start<Real> from :
       {Start<Real>{}, Start<Real>{start.data(), 0}, Start<Real>{start.data(), width}}) {
    AlignedVector<Real> expected(lists * width);
    for (std::size_t m = 0; m < lists; ++m)
      for (std::size_t c = 0; c < width; ++c) {
        Real sum = from.data == nullptr ? Real{0} : from.data[m * from.stride + c];
        for (std::uint32_t n = begins[m]; n < begins[m + 1]; ++n)
          sum = std::fma(entries[n].value, right[entries[n].row * width + c], sum);
        expected[m * width + c] = sum;
      }
    for_each_simd_target([&](const char* name) {
      AlignedVector<Real> out(lists * width);
      multiply_lists(width, begins, entries.data(), right.data(), from, out.data());
      EXPECT_TRUE(out == expected) << name << ", " << lists << " lists";
    });
  }
}

TEST(PanelProduct, ListsSkipAllOtherElements) {
  for (const std::size_t width : {slim_panel, wide_panel})
    for (const std::size_t lists : {1U, 2U, 9U}) {
      expect_lists<float>(width, lists);
      expect_lists<double>(width, lists);
    }
}

}  // namespace
}  // namespace annmpi::tests
