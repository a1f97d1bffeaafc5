#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "random.hpp"

namespace annmpi::data_tool {

/// Paints galaxies like images of a sky survey: dark on a bright, noisy sky.
///
/// Class 0, elliptical: one smooth Sersic profile, from flat to cuspy, round to flattened.
/// Class 1, spiral: a disc with logarithmic spiral arms, a bulge and often a bar, seen under a
/// random inclination. Class 2, irregular: merging bodies, clumps and tails. All are blurred by the
/// atmosphere; some have a star or a neighbour in the field.
///
/// Image `row` depends on (seed, row) and the size alone. Row i has class i mod 3, so that every
/// run of rows is balanced.
class GalaxyPainter {
 public:
  static constexpr std::int32_t classes = 3;
  static const std::vector<std::string>& class_names();
  static std::int32_t class_of(std::uint64_t row) { return static_cast<std::int32_t>(row % 3); }

  /// Images of size x size pixels.
  GalaxyPainter(std::uint64_t seed, int size);

  /// Writes size * size grey levels, row after row.
  void paint(std::uint64_t row, std::span<std::uint8_t> pixels);

 private:
  /// A source with elliptical isophotes. Lengths are in units of 1/32 of the image.
  struct Ellipse {
    float x = 0, y = 0;    // centre
    float turns = 0;       // position angle
    float axis_ratio = 1;  // of the short axis to the long one
    float radius = 1;      // half-light radius
    float sersic = 1;      // index: 0.5 a Gaussian, 1 a disc, 4 a bright elliptical
    float depth = 100;     // grey levels at its centre
  };
  struct Arms {
    int number = 2;
    float strength = 1;  // of the arms over the disc between them, in octaves
    float winding = 1;   // turns of an arm per octave of the radius
    float phase = 0;     // in turns
    float inner = 1;     // radius where the arms begin
  };

  void add(const Ellipse& light);
  void add_disc(const Ellipse& disc, const Arms& arms);
  void add_tail(const Ellipse& start, Random& random);
  void elliptical(Random& random);
  void spiral(Random& random);
  void irregular(Random& random);
  void field(Random& random);
  void blur(float width);
  void expose(Random& random, std::span<std::uint8_t> pixels);

  std::uint64_t seed_;
  std::size_t size_;
  float unit_;                // pixels per unit of length
  std::vector<float> x_, y_;  // of the pixels, from the image's centre
  std::vector<float> light_;  // in units of the sky's noise
  std::vector<float> scratch_;
};

}  // namespace annmpi::data_tool
