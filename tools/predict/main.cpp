// annmpi-predict: applies a trained model to a data file.

#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include "annmpi/base/error.hpp"
#include "annmpi/base/log.hpp"
#include "annmpi/device/instructions.hpp"
#include "annmpi/io/pending_file.hpp"
#include "annmpi/output/model_file.hpp"
#include "annmpi/output/versions.hpp"

#include "prediction.hpp"
#include "report.hpp"

namespace annmpi::predict {
namespace {

namespace po = boost::program_options;

constexpr auto usage =
    "annmpi-predict applies a trained model to a data file and reports its accuracy and cost.\n"
    "\n"
    "Usage: annmpi-predict MODEL DATA [OPTION ...]\n"
    "\n"
    "MODEL is a run's model.h5, DATA a file made by annmpi-data.\n"
    "\n";

struct CommandLine {
  std::string model;
  std::string data;
  std::optional<std::string> output;
  Parameters parameters = Parameters::selected;
  bool json = false;
  bool force = false;
  /// Text to print instead of predicting.
  std::optional<std::string> answer;
};

CommandLine parse(int argc, const char* const* argv) {
  po::options_description options("Options");
  options.add_options()("output", po::value<std::string>()->value_name("FILE.csv"),
                        "write each row's label, prediction and probabilities")(
      "json", "report as JSON")("parameters", po::value<std::string>()->value_name("SET"),
                                "selected (default): those chosen in training; last: the last")(
      "force", "replace the output file")("version", "print the version")("help",
                                                                          "print this text");
  po::options_description all;
  all.add(options).add_options()("argument", po::value<std::vector<std::string>>());
  po::positional_options_description positions;
  positions.add("argument", -1);
  po::variables_map values;
  try {
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::store(
        po::command_line_parser(argc, argv).options(all).positional(positions).style(style).run(),
        values);
  } catch (const po::error& error) {
    throw Error("{}; see annmpi-predict --help", error.what());
  }
  CommandLine asked;
  if (values.count("help") > 0) {
    std::ostringstream text;
    text << usage << options << "\nExit status: 0 success; 2 wrong input; 1 a bug in the program\n";
    asked.answer = text.str();
  } else if (values.count("version") > 0) {
    asked.answer = "annmpi-predict " + output::program_version() + "\n";
  }
  if (asked.answer) return asked;

  const auto arguments = values.count("argument") > 0
                             ? values["argument"].as<std::vector<std::string>>()
                             : std::vector<std::string>();
  require(arguments.size() == 2,
          "{} given (a model and a data file are expected); see annmpi-predict --help",
          arguments.empty()       ? std::string("nothing is")
          : arguments.size() == 1 ? std::string("one file is")
                                  : fmt::format("{} files are", arguments.size()));
  asked.model = arguments[0];
  asked.data = arguments[1];
  if (values.count("output") > 0) asked.output = values["output"].as<std::string>();
  asked.json = values.count("json") > 0;
  asked.force = values.count("force") > 0;
  if (values.count("parameters") > 0) {
    const auto name = values["parameters"].as<std::string>();
    require(name == "selected" || name == "last",
            "--parameters {}: is unknown; write selected or last", name);
    asked.parameters = name == "last" ? Parameters::last : Parameters::selected;
  }
  return asked;
}

/// The CSV file of predictions; gets its name when it is complete.
class PredictionsFile {
 public:
  PredictionsFile(const std::string& path, bool overwrite,
                  const std::vector<std::string>& class_names)
      : pending_(path, overwrite),
        file_(pending_.temporary_path(), std::ios::binary),
        class_names_(class_names) {
    write(csv_header(class_names_));
  }
  void append(const Block& block) {
    text_.clear();
    append_csv(text_, block, class_names_);
    write(text_);
  }
  void commit() {
    file_.close();
    require(!file_.fail(), "{}: cannot be written; check the free space", pending_.path());
    pending_.commit();
  }

 private:
  void write(const std::string& text) {
    file_ << text;
    require(file_.good(), "{}: cannot be written; check the free space", pending_.path());
  }

  io::PendingFile pending_;
  std::ofstream file_;
  const std::vector<std::string>& class_names_;
  std::string text_;
};

int run(int argc, const char* const* argv) {
  const CommandLine asked = parse(argc, argv);
  if (asked.answer) {
    std::cout << *asked.answer;
    return exit_status::success;
  }
  device::use_instructions(device::instruction_limits());
  const output::Model model = output::read_model(asked.model);
  const io::Hdf5File data = io::Hdf5File::open(asked.data);
  std::optional<PredictionsFile> predictions;
  if (asked.output) predictions.emplace(*asked.output, asked.force, model.class_names);
  const Evaluation evaluation = evaluate(model, asked.parameters, data, [&](const Block& block) {
    if (predictions) predictions->append(block);
  });
  if (predictions) predictions->commit();
  std::cout << (asked.json ? as_json(evaluation, model.class_names)
                           : as_text(evaluation, model.class_names));
  return exit_status::success;
}

}  // namespace
}  // namespace annmpi::predict

int main(int argc, char** argv) {
  try {
    return annmpi::predict::run(argc, argv);
  } catch (const annmpi::Error& error) {
    std::fprintf(stderr, "annmpi-predict: error: %s\n", error.what());
    return annmpi::exit_status::wrong_input;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "annmpi-predict: internal error: %s\n", error.what());
    return annmpi::exit_status::fault;
  }
}
