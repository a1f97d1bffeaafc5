#include "galaxy_painter.hpp"

#include <algorithm>
#include <cmath>

#include "portable_math.hpp"

namespace annmpi::data_tool {
namespace {

using portable::cos_turns;
using portable::exp2;
using portable::log2;
using portable::sin_turns;

// Grey levels fall with asinh(light / knee), as in images of sky surveys: linear for faint light,
// at the level of the noise, and logarithmic for bright light.
constexpr float knee = 9;
constexpr float levels_per_e = 28;
constexpr float log2_e = 1.44269504F;

/// The light that darkens the sky by `depth` grey levels, the inverse of the above.
float light_of(float depth) {
  const float e = exp2(depth / levels_per_e * log2_e);
  return knee * 0.5F * (e - 1 / e);
}

/// Uniform in the logarithm.
float log_uniform(Random& random, float low, float high) {
  return exp2(random.uniform(log2(low), log2(high)));
}

/// Coordinates along the axes of an ellipse, scaled so that its isophotes are circles.
struct Frame {
  float x, y, cosine, sine, stretch;

  Frame(float centre_x, float centre_y, float turns, float axis_ratio)
      : x(centre_x),
        y(centre_y),
        cosine(cos_turns(turns)),
        sine(sin_turns(turns)),
        stretch(1 / axis_ratio) {}

  [[nodiscard]] float along(float px, float py) const {
    return cosine * (px - x) + sine * (py - y);
  }
  [[nodiscard]] float across(float px, float py) const {
    return (cosine * (py - y) - sine * (px - x)) * stretch;
  }
};

/// Sersic's law, I(r) = I(0) exp(-b (r / r_half)^(1/n)), scaled to 1 at a softened centre. With
/// this b, r_half encloses half the light (Ciotti and Bertin, 1999, first terms).
struct Sersic {
  float inverse_square;
  float half_power;
  float slope;
  float at_centre;
  static constexpr float softening = 0.25F;

  Sersic(float radius, float index)
      : inverse_square(1 / (radius * radius)),
        half_power(0.5F / index),
        slope(log2_e * (2 * index - 1.0F / 3 + 0.009876F / index)),
        at_centre(power(softening)) {}

  [[nodiscard]] float power(float square) const {
    return exp2(half_power * log2(square * inverse_square));
  }
  /// At the squared distance `square`.
  [[nodiscard]] float operator()(float square) const {
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
      size_(static_cast<std::size_t>(size)),
      unit_(static_cast<float>(size) / 32),
      x_(size_ * size_),
      y_(x_.size()),
      light_(x_.size()),
      scratch_(x_.size()) {
  for (std::size_t i = 0; i < x_.size(); ++i) {
    x_[i] = (static_cast<float>(i % size_) + 0.5F) / unit_ - 16;
    y_[i] = (static_cast<float>(i / size_) + 0.5F) / unit_ - 16;
  }
}

void GalaxyPainter::add(const Ellipse& light) {
  const Frame frame(light.x, light.y, light.turns, light.axis_ratio);
  const Sersic profile(light.radius, light.sersic);
  const float peak = light_of(light.depth);
  const std::size_t pixels = light_.size();
  const float* const x = x_.data();
  const float* const y = y_.data();
  float* const to = light_.data();
  for (std::size_t i = 0; i < pixels; ++i) {
    const float u = frame.along(x[i], y[i]);
    const float v = frame.across(x[i], y[i]);
    to[i] += peak * profile(u * u + v * v);
  }
}

void GalaxyPainter::add_disc(const Ellipse& disc, const Arms& arms) {
  const Frame frame(disc.x, disc.y, disc.turns, disc.axis_ratio);
  const Sersic profile(disc.radius, disc.sersic);
  const float peak = light_of(disc.depth);
  const float inner_square = arms.inner * arms.inner;
  const float winding = static_cast<float>(arms.number) * arms.winding * 0.5F;
  const float one = arms.number == 1 ? 1.0F : 0.0F;
  const float two = arms.number == 2 ? 1.0F : 0.0F;
  const float three = arms.number == 3 ? 1.0F : 0.0F;
  const float strength = arms.strength;
  const float phase = arms.phase;
  const std::size_t pixels = light_.size();
  const float* const x = x_.data();
  const float* const y = y_.data();
  float* const to = light_.data();
  for (std::size_t i = 0; i < pixels; ++i) {
    const float u = frame.along(x[i], y[i]);
    const float v = frame.across(x[i], y[i]);
    const float square = u * u + v * v + 1e-6F;
    // cos and sin of angle, 2 angle and 3 angle without an arc tangent: powers of u + iv.
    const float inverse = 1 / std::sqrt(square);
    const float c1 = u * inverse;
    const float s1 = v * inverse;
    const float c2 = c1 * c1 - s1 * s1;
    const float s2 = 2 * c1 * s1;
    const float c3 = c2 * c1 - s2 * s1;
    const float s3 = s2 * c1 + c2 * s1;
    const float cosine = one * c1 + two * c2 + three * c3;
    const float sine = one * s1 + two * s2 + three * s3;
    const float turned = phase + winding * log2(square / inner_square);
    const float wave = cosine * cos_turns(turned) + sine * sin_turns(turned);
    const float risen = square / (square + inner_square);
    to[i] += peak * profile(square) * exp2(strength * risen * wave);
  }
}

void GalaxyPainter::add_tail(const Ellipse& start, Random& random) {
  constexpr int links = 8;
  const float step = random.uniform(1.1F, 2.0F);
  const float curvature = random.uniform(0.015F, 0.06F);
  const float bend = random.chance(0.5F) ? curvature : -curvature;
  Ellipse link = start;
  link.sersic = 0.5F;
  link.axis_ratio = 1;
  link.radius = random.uniform(0.9F, 1.6F);
  link.depth = start.depth * random.uniform(0.5F, 0.75F);
  float heading = start.turns + (random.chance(0.5F) ? 0.5F : 0.0F);
  for (int i = 0; i < links; ++i) {
    link.x += step * cos_turns(heading);
    link.y += step * sin_turns(heading);
    heading += bend;
    link.depth *= 0.96F;
    add(link);
  }
}

void GalaxyPainter::elliptical(Random& random) {
  Ellipse body;
  body.x = 0.4F * random.normal();
  body.y = 0.4F * random.normal();
  body.turns = random.uniform();
  const float flattening = random.uniform();
  body.axis_ratio = 1 - 0.5F * flattening * flattening;
  body.sersic = log_uniform(random, 1, 3.5F);
  body.radius = log_uniform(random, 2.4F, 5.5F);
  body.depth = random.uniform(145, 185) + 8 * body.sersic;
  add(body);
}

void GalaxyPainter::spiral(Random& random) {
  Ellipse disc;
  disc.x = 0.4F * random.normal();
  disc.y = 0.4F * random.normal();
  disc.turns = random.uniform();
  disc.axis_ratio = random.uniform(0.45F, 1);
  disc.sersic = random.uniform(0.5F, 0.75F);
  disc.radius = log_uniform(random, 5.5F, 9);
  disc.depth = random.uniform(75, 110);
  Arms arms;
  const float kind = random.uniform();
  arms.number = kind < 0.75F ? 2 : (kind < 0.85F ? 1 : 3);
  arms.strength = random.uniform(0.7F, 1.7F);
  // A pitch angle p winds an arm by ln 2 / (2 pi tan p) turns per octave: 12 to 35 degrees.
  const float winding = log_uniform(random, 0.16F, 0.52F);
  arms.winding = random.chance(0.5F) ? winding : -winding;
  arms.phase = random.uniform();
  arms.inner = random.uniform(1, 2.5F);
  add_disc(disc, arms);

  Ellipse bulge = disc;
  bulge.axis_ratio = std::sqrt(disc.axis_ratio);
  bulge.sersic = random.uniform(0.8F, 2);
  bulge.radius = random.uniform(0.8F, 1.8F);
  bulge.depth = random.uniform(90, 150);
  add(bulge);
  if (random.chance(0.45F)) {
    Ellipse bar = disc;
    bar.turns = random.uniform();
    bar.axis_ratio = random.uniform(0.22F, 0.4F);
    bar.sersic = 0.5F;
    bar.radius = random.uniform(2, 3.6F);
    bar.depth = random.uniform(95, 135);
    add(bar);
  }
}

void GalaxyPainter::irregular(Random& random) {
  Ellipse body;
  body.x = 0.6F * random.normal();
  body.y = 0.6F * random.normal();
  body.turns = random.uniform();
  body.axis_ratio = random.uniform(0.35F, 0.9F);
  body.sersic = random.uniform(0.6F, 1.8F);
  body.radius = log_uniform(random, 2, 4.5F);
  body.depth = random.uniform(100, 160);
  add(body);
  const float direction = random.uniform();
  const int clumps = 1 + static_cast<int>(3 * random.uniform() * random.uniform() + 0.35F);
  for (int i = 0; i < clumps; ++i) {
    Ellipse clump;
    const float heading = direction + 0.12F * random.normal() + (i % 2 == 0 ? 0.0F : 0.5F);
    const float distance = random.uniform(4, 12);
    clump.x = body.x + distance * cos_turns(heading);
    clump.y = body.y + distance * sin_turns(heading);
    clump.turns = random.uniform();
    clump.axis_ratio = random.uniform(0.45F, 1);
    clump.sersic = random.uniform(0.5F, 1.4F);
    clump.radius = log_uniform(random, 1.3F, 3.5F);
    clump.depth = random.uniform(90, 165);
    add(clump);
  }
  if (random.chance(0.45F)) {
    Ellipse start = body;
    start.turns = direction + 0.1F * random.normal();
    add_tail(start, random);
  }
  if (random.chance(0.4F)) {
    Ellipse halo;
    halo.x = random.uniform(-5, 5);
    halo.y = random.uniform(-5, 5);
    halo.turns = random.uniform();
    halo.axis_ratio = random.uniform(0.5F, 1);
    halo.sersic = 0.6F;
    halo.radius = random.uniform(5, 9);
    halo.depth = random.uniform(20, 60);
    add(halo);
  }
}

void GalaxyPainter::field(Random& random) {
  if (!random.chance(0.3F)) return;
  Ellipse star;
  const float heading = random.uniform();
  const float distance = random.uniform(9, 17);
  star.x = distance * cos_turns(heading);
  star.y = distance * sin_turns(heading);
  star.turns = random.uniform();
  star.axis_ratio = random.uniform(0.7F, 1);
  star.sersic = 0.5F;
  star.radius = log_uniform(random, 0.5F, 1.3F);
  star.depth = random.uniform(50, 170);
  add(star);
}

/// Convolves with a Gaussian of standard deviation `width`, in units of length; the image's edge is
/// continued outside.
void GalaxyPainter::blur(float width) {
  const float pixels = width * unit_;
  const auto reach = static_cast<std::size_t>(3 * pixels) + 1;
  std::vector<float> weights(2 * reach + 1);
  float sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float distance = (static_cast<float>(i) - static_cast<float>(reach)) / pixels;
    weights[i] = exp2(-0.5F * log2_e * distance * distance);
    sum += weights[i];
  }
  for (float& weight : weights) weight /= sum;

  std::vector<float> padded(size_ + 2 * reach);
  std::fill(scratch_.begin(), scratch_.end(), 0.0F);
  for (std::size_t row = 0; row < size_; ++row) {
    const float* from = light_.data() + row * size_;
    float* to = scratch_.data() + row * size_;
    std::fill_n(padded.begin(), reach, from[0]);
    std::copy_n(from, size_, padded.begin() + static_cast<std::ptrdiff_t>(reach));
    std::fill_n(padded.end() - static_cast<std::ptrdiff_t>(reach), reach, from[size_ - 1]);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      for (std::size_t column = 0; column < size_; ++column) {
        to[column] += weights[i] * padded[column + i];
      }
    }
  }
  std::fill(light_.begin(), light_.end(), 0.0F);
  for (std::size_t row = 0; row < size_; ++row) {
    float* to = light_.data() + row * size_;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const std::size_t source = std::clamp(row + i, reach, size_ - 1 + reach) - reach;
      const float* from = scratch_.data() + source * size_;
      for (std::size_t column = 0; column < size_; ++column)
        to[column] += weights[i] * from[column];
    }
  }
}

void GalaxyPainter::expose(Random& random, std::span<std::uint8_t> pixels) {
  const float sky = 244 + 2.5F * random.normal();
  const float noise = log_uniform(random, 0.6F, 1.5F);
  // Photon noise of the galaxy itself.
  constexpr float photon_noise = 0.6F;
  for (float& value : scratch_) value = random.normal();
  const float* const light = light_.data();
  float* const level = scratch_.data();
  const std::size_t count = pixels.size();
  for (std::size_t i = 0; i < count; ++i) {
    const float deviation = noise * std::sqrt(1 + photon_noise * light[i]);
    const float seen = (light[i] + deviation * level[i]) / knee;
    level[i] = sky - levels_per_e * portable::asinh(seen);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const float bounded = level[i] < 0 ? 0 : (level[i] > 255 ? 255 : level[i]);
    pixels[i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(bounded + 0.5F));
  }
}

void GalaxyPainter::paint(std::uint64_t row, std::span<std::uint8_t> pixels) {
  Random random(seed_, row);
  std::fill(light_.begin(), light_.end(), 0.0F);
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
  blur(random.uniform(0.55F, 0.95F));
  expose(random, pixels);
}

}  // namespace annmpi::data_tool
