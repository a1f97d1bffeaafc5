#include "galaxy_painter.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "portable_math.hpp"

namespace annmpi::data_tool {
namespace {

using portable::cos_turns;
using portable::exp2;
using portable::log2;
using portable::sin_turns;

// Grey levels fall with asinh(light / knee), as in the pictures of sky surveys: linear in faint
// light, where the noise is, and logarithmic in bright light.
constexpr double knee = 9.0;
constexpr double levels_per_e = 28.0;
constexpr double log2_e = 1.4426950408889634;

/// The light that darkens the sky by `depth` grey levels: the inverse of the above.
double light_of(double depth) {
  const double e = exp2(depth / levels_per_e * log2_e);
  return knee * 0.5 * (e - 1 / e);
}

/// Uniform on a logarithmic scale.
double log_uniform(Random& random, double low, double high) {
  return exp2(random.uniform(log2(low), log2(high)));
}

/// Coordinates along the axes of an ellipse, scaled so that its isophotes are circles.
struct Frame {
  double x, y, cosine, sine, axis_ratio;

  Frame(double centre_x, double centre_y, double turns, double ratio)
      : x(centre_x),
        y(centre_y),
        cosine(cos_turns(turns)),
        sine(sin_turns(turns)),
        axis_ratio(ratio) {}

  [[nodiscard]] std::array<double, 2> operator()(double px, double py) const {
    const double dx = px - x;
    const double dy = py - y;
    return {cosine * dx + sine * dy, (cosine * dy - sine * dx) / axis_ratio};
  }
};

/// Sersic's law, I(r) = I(0) exp(-b ((r / r_half)^(1/n))), of 1 at a softened centre. b makes
/// r_half contain half the light (Ciotti and Bertin, 1999, first terms).
struct Sersic {
  double inverse_square;
  double half_power;
  double slope;
  double at_centre;
  static constexpr double softening = 0.25;

  Sersic(double radius, double index)
      : inverse_square(1 / (radius * radius)),
        half_power(0.5 / index),
        slope(log2_e * (2 * index - 1.0 / 3 + 0.009876 / index)),
        at_centre(power(softening)) {}

  [[nodiscard]] double power(double square) const {
    return exp2(half_power * log2(square * inverse_square));
  }
  /// At squared distance `square`.
  [[nodiscard]] double operator()(double square) const {
    return exp2(slope * (at_centre - power(square + softening)));
  }
};

}  // namespace

const std::vector<std::string>& GalaxyPainter::class_names() {
  static const std::vector<std::string> names{"elliptical", "spiral", "irregular"};
  return names;
}

GalaxyPainter::GalaxyPainter(std::uint64_t seed, int size)
    : seed_(seed),
      size_(size),
      unit_(size / 32.0),
      light_(static_cast<std::size_t>(size) * static_cast<std::size_t>(size)),
      scratch_(light_.size()) {}

void GalaxyPainter::add(const Ellipse& light) {
  const Frame frame(light.x, light.y, light.turns, light.axis_ratio);
  const Sersic profile(light.radius, light.sersic);
  const double peak = light_of(light.depth);
  double* pixel = light_.data();
  for (int row = 0; row < size_; ++row) {
    const double y = (row + 0.5) / unit_ - 16;
    for (int column = 0; column < size_; ++column) {
      const auto [u, v] = frame((column + 0.5) / unit_ - 16, y);
      *pixel++ += peak * profile(u * u + v * v);
    }
  }
}

void GalaxyPainter::add_disc(const Ellipse& disc, const Arms& arms) {
  const Frame frame(disc.x, disc.y, disc.turns, disc.axis_ratio);
  const Sersic profile(disc.radius, disc.sersic);
  const double peak = light_of(disc.depth);
  const double inner_square = arms.inner * arms.inner;
  double* pixel = light_.data();
  for (int row = 0; row < size_; ++row) {
    const double y = (row + 0.5) / unit_ - 16;
    for (int column = 0; column < size_; ++column) {
      const auto [u, v] = frame((column + 0.5) / unit_ - 16, y);
      const double square = u * u + v * v + 1e-6;
      // (cos + i sin)(number * angle) by repeated multiplication: no arc tangent is needed.
      const double inverse = 1 / std::sqrt(square);
      double cosine = 1;
      double sine = 0;
      for (int arm = 0; arm < arms.number; ++arm) {
        const double next = cosine * (u * inverse) - sine * (v * inverse);
        sine = cosine * (v * inverse) + sine * (u * inverse);
        cosine = next;
      }
      const double turned =
          arms.phase + arms.number * arms.winding * 0.5 * log2(square / inner_square);
      const double wave = cosine * cos_turns(turned) + sine * sin_turns(turned);
      const double risen = square / (square + inner_square);
      *pixel++ += peak * profile(square) * exp2(arms.strength * risen * wave);
    }
  }
}

void GalaxyPainter::add_tail(const Ellipse& start, Random& random) {
  constexpr int links = 8;
  const double step = random.uniform(1.1, 2.0);
  const double bend = random.uniform(0.015, 0.06) * (random.uniform() < 0.5 ? -1 : 1);
  Ellipse link = start;
  link.sersic = 0.5;
  link.axis_ratio = 1;
  link.radius = random.uniform(0.9, 1.6);
  link.depth = start.depth * random.uniform(0.5, 0.75);
  double heading = start.turns + (random.uniform() < 0.5 ? 0.5 : 0.0);
  for (int i = 0; i < links; ++i) {
    link.x += step * cos_turns(heading);
    link.y += step * sin_turns(heading);
    heading += bend;
    link.depth *= 0.96;
    add(link);
  }
}

void GalaxyPainter::elliptical(Random& random) {
  Ellipse body;
  body.x = 0.4 * random.normal();
  body.y = 0.4 * random.normal();
  body.turns = random.uniform();
  body.axis_ratio = 1 - 0.55 * random.uniform() * random.uniform(0.4, 1);
  body.sersic = log_uniform(random, 0.9, 4);
  body.radius = log_uniform(random, 2.2, 7);
  body.depth = random.uniform(125, 190) + 8 * body.sersic;
  add(body);
}

void GalaxyPainter::spiral(Random& random) {
  Ellipse disc;
  disc.x = 0.4 * random.normal();
  disc.y = 0.4 * random.normal();
  disc.turns = random.uniform();
  disc.axis_ratio = random.uniform(0.35, 1);
  disc.sersic = random.uniform(0.5, 0.9);
  disc.radius = log_uniform(random, 4, 7.5);
  disc.depth = random.uniform(75, 120);
  Arms arms;
  const double kind = random.uniform();
  arms.number = kind < 0.75 ? 2 : (kind < 0.85 ? 1 : 3);
  arms.strength = random.uniform(0.7, 1.7);
  // A pitch angle p winds an arm by ln 2 / (2 pi tan p) turns per octave: 12 to 35 degrees.
  arms.winding = log_uniform(random, 0.16, 0.52) * (random.uniform() < 0.5 ? -1 : 1);
  arms.phase = random.uniform();
  arms.inner = random.uniform(1, 2.5);
  add_disc(disc, arms);

  Ellipse bulge = disc;
  bulge.axis_ratio = std::sqrt(disc.axis_ratio);
  bulge.sersic = random.uniform(0.8, 2);
  bulge.radius = random.uniform(0.8, 1.8);
  bulge.depth = random.uniform(100, 175);
  add(bulge);
  if (random.uniform() < 0.45) {
    Ellipse bar = disc;
    bar.turns = random.uniform();
    bar.axis_ratio = random.uniform(0.22, 0.4);
    bar.sersic = 0.5;
    bar.radius = random.uniform(2, 3.6);
    bar.depth = random.uniform(95, 135);
    add(bar);
  }
}

void GalaxyPainter::irregular(Random& random) {
  Ellipse body;
  body.x = 0.6 * random.normal();
  body.y = 0.6 * random.normal();
  body.turns = random.uniform();
  body.axis_ratio = random.uniform(0.35, 0.9);
  body.sersic = random.uniform(0.6, 1.8);
  body.radius = log_uniform(random, 1.8, 5);
  body.depth = random.uniform(105, 175);
  add(body);
  const double direction = random.uniform();
  const int clumps = 1 + static_cast<int>(3 * random.uniform() * random.uniform() + 0.35);
  for (int i = 0; i < clumps; ++i) {
    Ellipse clump;
    const double heading = direction + 0.12 * random.normal() + (i % 2 == 0 ? 0.0 : 0.5);
    const double distance = random.uniform(3, 11);
    clump.x = body.x + distance * cos_turns(heading);
    clump.y = body.y + distance * sin_turns(heading);
    clump.turns = random.uniform();
    clump.axis_ratio = random.uniform(0.45, 1);
    clump.sersic = random.uniform(0.5, 1.4);
    clump.radius = log_uniform(random, 1, 2.8);
    clump.depth = random.uniform(70, 160);
    add(clump);
  }
  if (random.uniform() < 0.45) {
    Ellipse start = body;
    start.turns = direction + 0.1 * random.normal();
    add_tail(start, random);
  }
  if (random.uniform() < 0.4) {
    Ellipse halo;
    halo.x = random.uniform(-5, 5);
    halo.y = random.uniform(-5, 5);
    halo.turns = random.uniform();
    halo.axis_ratio = random.uniform(0.5, 1);
    halo.sersic = 0.6;
    halo.radius = random.uniform(5, 9);
    halo.depth = random.uniform(20, 60);
    add(halo);
  }
}

void GalaxyPainter::field(Random& random) {
  if (random.uniform() > 0.3) return;
  Ellipse star;
  const double heading = random.uniform();
  const double distance = random.uniform(9, 17);
  star.x = distance * cos_turns(heading);
  star.y = distance * sin_turns(heading);
  star.turns = random.uniform();
  star.axis_ratio = random.uniform(0.7, 1);
  star.sersic = 0.5;
  star.radius = log_uniform(random, 0.5, 1.3);
  star.depth = random.uniform(50, 170);
  add(star);
}

/// A Gaussian of standard deviation `width`, in units of length, along rows and then columns.
void GalaxyPainter::blur(double width) {
  const double pixels = width * unit_;
  const int reach = static_cast<int>(3 * pixels) + 1;
  std::vector<double> weights(static_cast<std::size_t>(reach) + 1);
  double sum = 0;
  for (int i = 0; i <= reach; ++i) {
    weights[static_cast<std::size_t>(i)] = exp2(-0.5 * log2_e * (i / pixels) * (i / pixels));
    sum += weights[static_cast<std::size_t>(i)] * (i == 0 ? 1 : 2);
  }
  for (double& weight : weights) weight /= sum;

  const auto size = static_cast<std::size_t>(size_);
  const auto last = size_ - 1;
  const auto pass = [&](const std::vector<double>& from, std::vector<double>& to) {
    // Each pass transposes: two of them blur both ways and leave the image upright.
    for (std::size_t row = 0; row < size; ++row) {
      const double* line = from.data() + row * size;
      for (int column = 0; column < size_; ++column) {
        double value = weights[0] * line[column];
        for (int i = 1; i <= reach; ++i) {
          value += weights[static_cast<std::size_t>(i)] *
                   (line[std::max(column - i, 0)] + line[std::min(column + i, last)]);
        }
        to[static_cast<std::size_t>(column) * size + row] = value;
      }
    }
  };
  pass(light_, scratch_);
  pass(scratch_, light_);
}

void GalaxyPainter::expose(Random& random, std::span<std::uint8_t> pixels) const {
  const double sky = 244 + 2.5 * random.normal();
  const double noise = log_uniform(random, 0.6, 1.7);
  // Photons of the galaxy itself are noisy too.
  constexpr double photon_noise = 0.6;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const double deviation = noise * std::sqrt(1 + photon_noise * light_[i]);
    const double seen = light_[i] + deviation * random.normal();
    const double level = sky - levels_per_e * portable::asinh(seen / knee);
    pixels[i] = static_cast<std::uint8_t>(std::clamp(portable::nearest(level), 0.0, 255.0));
  }
}

void GalaxyPainter::paint(std::uint64_t row, std::span<std::uint8_t> pixels) {
  Random random(seed_, row);
  std::fill(light_.begin(), light_.end(), 0.0);
  switch (class_of(row)) {
    case 0:
      elliptical(random);
      break;
    case 1:
      spiral(random);
      break;
    default:
      irregular(random);
  }
  field(random);
  blur(random.uniform(0.55, 0.95));
  expose(random, pixels);
}

}  // namespace annmpi::data_tool
