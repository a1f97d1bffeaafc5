#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/io/hdf5.hpp"
#include "annmpi/io/pending_file.hpp"
#include "annmpi/output/model_file.hpp"

#include "config/message.hpp"
#include "support/models.hpp"
#include "support/samples.hpp"
#include "support/temporary_folder.hpp"

namespace annmpi::output {
namespace {

using tests::expect_message;
using tests::message_of;

/// A model of three layers, with parameters of every magnitude.
Model some_model() {
  Model model = tests::blank_model({5, 4, 3, 2}, config::OutputUnit::softmax);
  model.feature_scale = 1.0 / 255;
  model.l2 = 0.3;
  model.class_names = {"elliptical, smooth", "spirale à bras"};
  model.iteration = 600;
  model.selected_iteration = 123;
  std::mt19937_64 random(1);
  for (auto* theta : {&model.last, &model.selected})
    for (double& value : *theta) do
        value = std::bit_cast<double>(random());
      while (value != value);
  using Limits = std::numeric_limits<double>;
  model.last[0] = -0.0;
  model.last[1] = Limits::denorm_min();
  model.last[2] = Limits::max();
  return model;
}

std::vector<std::uint64_t> bits_of(const std::vector<double>& values) {
  std::vector<std::uint64_t> bits;
  for (const double value : values) bits.push_back(std::bit_cast<std::uint64_t>(value));
  return bits;
}

/// Overwrites the first occurrence of the bytes of `from` in the file.
template <class T>
void replace_in_file(const std::string& path, const T& from, const T& to) {
  std::string content = io::read_text_file(path);
  const std::string_view old(reinterpret_cast<const char*>(&from), sizeof(T));
  const auto place = content.find(old);
  ASSERT_NE(place, std::string::npos);
  std::memcpy(content.data() + place, &to, sizeof(T));
  io::write_text_file(path, content, true);
}

TEST(ModelFile, GivesBackEveryBitThatWasWritten) {
  const tests::TemporaryFolder folder;
  const Model written = some_model();
  write_model(folder / "model.h5", written, false);
  const Model read = read_model(folder / "model.h5");
  EXPECT_EQ(read.network.sizes(), written.network.sizes());
  EXPECT_EQ(read.network.activation, written.network.activation);
  EXPECT_EQ(read.network.output, written.network.output);
  EXPECT_EQ(read.feature_scale, written.feature_scale);
  EXPECT_EQ(read.l2, written.l2);
  EXPECT_EQ(read.class_names, written.class_names);
  EXPECT_EQ(read.selection, written.selection);
  EXPECT_EQ(read.iteration, written.iteration);
  EXPECT_EQ(read.selected_iteration, written.selected_iteration);
  EXPECT_EQ(bits_of(read.last), bits_of(written.last));
  EXPECT_EQ(bits_of(read.selected), bits_of(written.selected));
}

TEST(ModelFile, HoldsWhatOtherProgramsLookFor) {
  const tests::TemporaryFolder folder;
  Model model = tests::blank_model({2, 2});
  model.last = {1, 2, 3, 4, 5, 6};  // [b w w] of two units
  model.selected = {10, 20, 30, 40, 50, 60};
  write_model(folder / "model.h5", model, false);
  const io::Hdf5File file = io::Hdf5File::open(folder / "model.h5");
  EXPECT_EQ(file.integer("annmpi_schema"), 1);
  EXPECT_EQ(file.real("feature_scale"), 1.0);
  EXPECT_EQ(file.texts("class_names"), model.class_names);
  EXPECT_EQ(file.text("hidden_activation"), "tanh");
  EXPECT_EQ(file.text("output"), "sigmoid");
  EXPECT_EQ(file.integers("layer_sizes"), (std::vector<std::int64_t>{2, 2}));
  EXPECT_EQ(file.integer("iteration"), 0);
  EXPECT_EQ(file.text("selection"), "best");
  EXPECT_EQ(file.text("parameters_hash"), parameters_hash(model.last));
  EXPECT_EQ(file.text("selected_hash"), parameters_hash(model.selected));
  const auto values = [&](const std::string& name, std::size_t count) {
    std::vector<double> out(count);
    file.dataset(name).read_rows<double>(0, 2, out);
    return out;
  };
  EXPECT_EQ(file.dataset("last/layer_1/weights").type(), io::ElementType::float64);
  EXPECT_EQ(file.dataset("last/layer_1/weights").shape(), (std::vector<std::uint64_t>{2, 2}));
  EXPECT_EQ(values("last/layer_1/weights", 4), (std::vector<double>{2, 3, 5, 6}));
  EXPECT_EQ(values("last/layer_1/bias", 2), (std::vector<double>{1, 4}));
  EXPECT_EQ(values("selected/layer_1/weights", 4), (std::vector<double>{20, 30, 50, 60}));
  EXPECT_EQ(values("selected/layer_1/bias", 2), (std::vector<double>{10, 40}));
}

TEST(ModelFile, RefusesAModelWithAChangedWeight) {
  const tests::TemporaryFolder folder;
  for (const bool in_last : {true, false}) {
    Model model = some_model();
    double& weight = (in_last ? model.last : model.selected)[9];
    weight = 0.12345678901234567;
    write_model(folder / "model.h5", model, true);
    // The last bit of one weight.
    replace_in_file(folder / "model.h5", weight, std::nextafter(weight, 1.0));
    expect_message(message_of([&] { (void)read_model(folder / "model.h5"); }),
                   {"model.h5", "damaged", "hash"});
  }
}

TEST(ModelFile, RefusesFilesThatAreNoModel) {
  const tests::TemporaryFolder folder;
  const auto complaint = [&](const std::string& name) {
    return message_of([&] { (void)read_model(folder / name); });
  };
  tests::write_data_file(folder / "data.h5",
                         tests::random_samples(3, 2, 2, io::ElementType::uint8, 1));
  expect_message(complaint("data.h5"), {"data.h5", "is not a model of annmpi", "model.h5"});
  io::write_text_file(folder / "notes.txt", "iteration,evaluations\n", false);
  expect_message(complaint("notes.txt"), {"notes.txt"});
  expect_message(complaint("absent.h5"), {"absent.h5"});
}

/// A model file with these `sizes`, whatever the shapes of its datasets are.
void write_header(const std::string& path, const std::vector<std::int64_t>& sizes,
                  std::int64_t schema = 1, const std::string& activation = "tanh") {
  io::Hdf5File file = io::Hdf5File::create(path, path);
  file.set_attribute("annmpi_schema", schema);
  file.set_attribute("layer_sizes", sizes);
  file.set_attribute("hidden_activation", activation);
  file.set_attribute("output", std::string("sigmoid"));
  file.set_attribute("feature_scale", 1.0);
  file.set_attribute("l2", 0.0);
  file.set_attribute("class_names", std::vector<std::string>{"E", "S"});
  file.set_attribute("selection", std::string("best"));
  file.set_attribute("iteration", std::int64_t{1});
  file.set_attribute("selected_iteration", std::int64_t{1});
  for (const std::string group : {"last", "selected"}) {
    file.create_dataset(group + "/layer_1/weights", io::ElementType::float64, {2, 3});
    file.create_dataset(group + "/layer_1/bias", io::ElementType::float64, {2});
  }
  file.close();
}

TEST(ModelFile, RefusesSizesThatMakeNoNetwork) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "model.h5";
  const auto complaint = [&] { return message_of([&] { (void)read_model(path); }); };
  constexpr std::int64_t large = std::int64_t{1} << 50;
  for (const std::vector<std::int64_t>& sizes : {std::vector<std::int64_t>{3}, {3, 0}, {-3, 2}}) {
    write_header(path, sizes);
    expect_message(complaint(), {path, "layer_sizes", "damaged"});
  }
  // Shapes that differ from the datasets; the last would exceed any memory.
  for (const std::vector<std::int64_t>& sizes :
       {std::vector<std::int64_t>{4, 2}, {large, 2}, {large, large, 2}}) {
    write_header(path, sizes);
    expect_message(complaint(), {path, "layer_sizes", "damaged"});
  }
  write_header(path, {3, 3});
  expect_message(complaint(), {path, "2 classes", "3 outputs"});
}

TEST(ModelFile, RefusesWhatItDoesNotKnow) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "model.h5";
  const auto complaint = [&] { return message_of([&] { (void)read_model(path); }); };
  write_header(path, {3, 2}, 2);
  expect_message(complaint(), {path, "schema 2", "schema 1"});
  write_header(path, {3, 2}, 1, "swish");
  expect_message(complaint(), {path, "hidden_activation", "swish"});
}

TEST(ModelFile, OverwritesOnlyWhereItMay) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "model.h5";
  write_model(path, some_model(), false);
  expect_message(message_of([&] {
                   write_model(path, tests::blank_model({2, 2}), false);
                 }),
                 {"model.h5"});
  EXPECT_EQ(read_model(path).iteration, 600);
  write_model(path, tests::blank_model({2, 2}), true);
  EXPECT_EQ(read_model(path).iteration, 0);
  // The folder contains nothing but the model.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(ModelFile, NamesTheFolderThatIsMissing) {
  const tests::TemporaryFolder folder;
  expect_message(message_of([&] { write_model(folder / "absent/model.h5", some_model(), false); }),
                 {"absent"});
}

TEST(ParametersHash, IsXxh3OfLittleEndianDoubles) {
  // xxhash.xxh3_128_hexdigest(struct.pack('<5d', ...)), python-xxhash
  EXPECT_EQ(parameters_hash({0.0, 1.0, -2.5, 1e-300, 3.141592653589793}),
            "27812699c445880636e3104495a2eb38");
  // Beyond 240 bytes, where XXH3 uses another algorithm: i / 8 - 20 for i = 0..299.
  std::vector<double> theta;
  for (int i = 0; i < 300; ++i) theta.push_back(i / 8.0 - 20);
  EXPECT_EQ(parameters_hash(theta), "5905d1a60a616761c091f5a90656bc24");
}

TEST(MakeModel, TakesParametersAndHistory) {
  const Model expected = some_model();
  trainer::TrainingHistory history;
  history.last.iteration = 600;
  history.selected.iteration = 123;
  data::Dataset set;
  set.feature_scale = expected.feature_scale;
  set.class_names = expected.class_names;
  config::Configuration::Model settings;
  settings.l2 = 0.3;
  settings.selection = config::Selection::last;
  const Model made =
      make_model(expected.network, set, settings, expected.last, expected.selected, history);
  EXPECT_EQ(bits_of(made.last), bits_of(expected.last));
  EXPECT_EQ(bits_of(made.selected), bits_of(expected.selected));
  EXPECT_EQ(made.iteration, 600);
  EXPECT_EQ(made.selected_iteration, 123);
  EXPECT_EQ(made.selection, "last");
  EXPECT_EQ(made.l2, 0.3);
  EXPECT_EQ(made.feature_scale, expected.feature_scale);
  EXPECT_EQ(made.class_names, expected.class_names);
}

}  // namespace
}  // namespace annmpi::output
