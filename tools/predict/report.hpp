#pragma once

#include <string>
#include <vector>

#include "prediction.hpp"

namespace annmpi::predict {

/// The report for people: accuracy, cost, the confusion matrix, precision and recall per class.
[[nodiscard]] std::string as_text(const Evaluation& evaluation,
                                  const std::vector<std::string>& class_names);

/// The report for programs. Undefined ratios are null.
[[nodiscard]] std::string as_json(const Evaluation& evaluation,
                                  const std::vector<std::string>& class_names);

/// Header and rows of the predictions: row,label,predicted,probability_NAME,...
[[nodiscard]] std::string csv_header(const std::vector<std::string>& class_names);
void append_csv(std::string& text, const Block& block, const std::vector<std::string>& class_names);

}  // namespace annmpi::predict
