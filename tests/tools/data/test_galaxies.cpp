#include <cmath>
#include <numeric>

#include "galaxy_conversion.hpp"
#include "galaxy_painter.hpp"
#include "hash.hpp"
#include "tools/data/support.hpp"

namespace annmpi::data_tool {
namespace {

using Galaxies = Conversions;
using Pixels = std::vector<std::uint8_t>;

Pixels paint(std::uint64_t seed, std::uint64_t row, int size = 32) {
  Pixels pixels(static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
  GalaxyPainter(seed, size).paint(row, pixels);
  return pixels;
}

/// Mean grey level between these distances from the centre of a 32 x 32 image.
double mean_between(const Pixels& pixels, double low, double high) {
  double sum = 0;
  int count = 0;
  for (int i = 0; i < 1024; ++i) {
    const double distance = std::hypot(i % 32 - 15.5, i / 32 - 15.5);
    if (distance < low || distance >= high) continue;
    sum += pixels[static_cast<std::size_t>(i)];
    ++count;
  }
  return sum / count;
}

TEST_F(Galaxies, RowDependsOnSeedAndNumberAlone) {
  const GalaxyRequest few{.output = path("few.h5"), .rows = 5, .seed = 4};
  const GalaxyRequest many{.output = path("many.h5"), .rows = 50, .seed = 4};
  make_galaxies(few);
  make_galaxies(many);
  const Content a = read_content(few.output);
  const Content b = read_content(many.output);
  for (std::size_t row = 0; row < 5; ++row) EXPECT_EQ(a.row(row), b.row(row)) << row;
  // A painter has no state from previous rows.
  const Pixels alone = paint(4, 49);
  EXPECT_EQ(b.row(49), std::vector<double>(alone.begin(), alone.end()));
  EXPECT_NE(paint(4, 3), paint(5, 3));
  EXPECT_NE(paint(4, 3), paint(4, 6));
}

TEST_F(Galaxies, HaveTheSameBitsOnEveryMachine) {
  Hash hash;
  for (std::uint64_t row = 0; row < 300; ++row) {
    const Pixels pixels = paint(917, row);
    hash.update(pixels.data(), pixels.size());
  }
  // Only basic arithmetic is used: a difference means that data is not comparable between machines.
  EXPECT_EQ(fmt::format("{:016x}", hash.value64()), "9e9f7501a1780091");
}

TEST_F(Galaxies, CsvAndHdf5Agree) {
  const GalaxyRequest csv{.output = path("galaxies.csv"), .rows = 30, .image_size = 16, .seed = 2};
  const GalaxyRequest hdf5{.output = path("galaxies.h5"), .rows = 30, .image_size = 16, .seed = 2};
  make_galaxies(csv);
  make_galaxies(hdf5);
  convert_csv({.input = csv.output,
               .output = path("converted.h5"),
               .class_names = GalaxyPainter::class_names()});
  const Content made = read_content(hdf5.output);
  const Content converted = read_content(path("converted.h5"));
  EXPECT_EQ(made.columns, 256U);
  EXPECT_EQ(made.features, converted.features);
  EXPECT_EQ(made.labels, converted.labels);
  EXPECT_EQ(made.class_names, converted.class_names);
  EXPECT_EQ(made.scale, converted.scale);
}

TEST_F(Galaxies, EveryRunOfRowsIsBalanced) {
  make_galaxies({.output = path("galaxies.h5"), .rows = 10});
  EXPECT_EQ(read_content(path("galaxies.h5")).labels,
            (std::vector<std::int32_t>{0, 1, 2, 0, 1, 2, 0, 1, 2, 0}));
}

TEST_F(Galaxies, AreDarkOnABrightSky) {
  for (std::uint64_t row = 0; row < 300; ++row) {
    const Pixels pixels = paint(1, row);
    EXPECT_LT(mean_between(pixels, 0, 4), mean_between(pixels, 15, 23) - 15) << row;
    EXPECT_GT(mean_between(pixels, 15, 23), 170) << row;
  }
}

TEST_F(Galaxies, ClassesDifferInTheMean) {
  // Ellipticals have the darkest centre, spirals the widest disc, irregulars the least symmetry.
  std::vector<double> centre(3), ring(3), asymmetry(3);
  constexpr int rows = 600;
  for (std::uint64_t row = 0; row < rows; ++row) {
    const Pixels pixels = paint(1, row);
    const auto label = static_cast<std::size_t>(GalaxyPainter::class_of(row));
    centre[label] += mean_between(pixels, 0, 2) / (rows / 3);
    ring[label] += mean_between(pixels, 6, 10) / (rows / 3);
    for (std::size_t i = 0; i < 1024; ++i) {
      asymmetry[label] += std::abs(pixels[i] - pixels[1023 - i]) / (1024.0 * rows / 3);
    }
  }
  EXPECT_LT(centre[0] + 20, centre[1]);
  EXPECT_LT(centre[0] + 20, centre[2]);
  EXPECT_LT(ring[1] + 5, ring[2]);
  EXPECT_GT(asymmetry[2], asymmetry[0] + 5);
  EXPECT_GT(asymmetry[2], asymmetry[1] + 3);
}

TEST_F(Galaxies, WrongRequestsAreErrors) {
  const auto message = [&](const GalaxyRequest& request) {
    return error_of([&] { make_galaxies(request); });
  };
  EXPECT_CONTAINS(message({.output = path("a.txt"), .rows = 1}), "unknown extension");
  EXPECT_CONTAINS(message({.output = path("a.h5"), .rows = 0}), "--rows 0");
  EXPECT_CONTAINS(message({.output = path("a.h5"), .rows = 1, .image_size = 7}), "--image-size 7");
  EXPECT_CONTAINS(message({.output = path("a.h5"), .rows = 1, .image_size = 1025}), "out of range");
  write("a.h5", "precious");
  EXPECT_CONTAINS(message({.output = path("a.h5"), .rows = 1}), "already exists");
  EXPECT_EQ(files(), std::vector<std::string>{"a.h5"});
}

}  // namespace
}  // namespace annmpi::data_tool
