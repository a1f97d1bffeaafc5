#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace annmpi::predict {
namespace {

std::string percent(double share) {
  return std::isnan(share) ? "-" : fmt::format("{:.2f} %", 100 * share);
}

nlohmann::ordered_json number_or_null(double value) {
  return std::isnan(value) ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(value);
}

/// A field of a CSV file, quoted if necessary (RFC 4180).
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string doubled;
  for (const char c : text) doubled.append(c == '"' ? 2 : 1, c);
  return fmt::format("\"{}\"", doubled);
}

}  // namespace

std::string as_text(const Evaluation& evaluation, const std::vector<std::string>& class_names) {
  std::size_t width = 9;
  for (const std::string& name : class_names) width = std::max(width, name.size());
  auto text =
      fmt::format("{} rows\n  accuracy  {}\n  cost      {:.6f}\n  loss      {:.6f}\n",
                  evaluation.rows, percent(evaluation.accuracy), evaluation.cost, evaluation.loss);
  text += fmt::format("  {:<{}}", "", width);
  for (const std::string& name : class_names) text += fmt::format("  {:>{}}", name, width);
  text += "  precision     recall   (rows: actual class, columns: predicted)\n";
  for (std::size_t k = 0; k < class_names.size(); ++k) {
    text += fmt::format("  {:<{}}", class_names[k], width);
    for (const std::int64_t count : evaluation.confusion[k])
      text += fmt::format("  {:>{}}", count, width);
    text += fmt::format("  {:>9}  {:>9}\n", percent(evaluation.precision(k)),
                        percent(evaluation.recall(k)));
  }
  return text;
}

std::string as_json(const Evaluation& evaluation, const std::vector<std::string>& class_names) {
  using Json = nlohmann::ordered_json;
  Json classes = Json::array();
  for (std::size_t k = 0; k < class_names.size(); ++k)
    classes.push_back({{"name", class_names[k]},
                       {"precision", number_or_null(evaluation.precision(k))},
                       {"recall", number_or_null(evaluation.recall(k))}});
  const Json json{{"rows", evaluation.rows}, {"accuracy", evaluation.accuracy},
                  {"cost", evaluation.cost}, {"loss", evaluation.loss},
                  {"classes", classes},      {"confusion", evaluation.confusion}};
  // Class names come from files and may not be UTF-8, which must not end the program.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string csv_header(const std::vector<std::string>& class_names) {
  std::string text = "row,label,predicted";
  for (const std::string& name : class_names)
    text += fmt::format(",{}", field("probability_" + name));
  return text + "\n";
}

void append_csv(std::string& text, const Block& block,
                const std::vector<std::string>& class_names) {
  const std::size_t classes = class_names.size();
  for (std::size_t i = 0; i < block.labels.size(); ++i) {
    fmt::format_to(std::back_inserter(text), "{},{},{}", block.first_row + i,
                   field(class_names[static_cast<std::size_t>(block.labels[i])]),
                   field(class_names[static_cast<std::size_t>(block.predictions[i])]));
    for (std::size_t k = 0; k < classes; ++k)
      fmt::format_to(std::back_inserter(text), ",{:.6g}", block.probabilities[i * classes + k]);
    text += '\n';
  }
}

}  // namespace annmpi::predict
