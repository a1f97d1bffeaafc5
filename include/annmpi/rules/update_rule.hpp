#pragma once

#include <array>
#include <string_view>

namespace annmpi::rules {

/// Rules by which mini-batch methods update parameters; their formulas are in rules/updates/.
enum class UpdateRule { sgd, adam, adagrad, rmsprop, lion };
inline constexpr std::array<std::string_view, 5> update_rule_names{"sgd", "adam", "adagrad",
                                                                   "rmsprop", "lion"};

/// The constants of the update rules, as configured: equal in every step.
struct UpdateConstants {
  double momentum = 0.0;  ///< fraction of the previous step's movement that is kept
  bool nesterov = false;
  double beta1 = 0.9;         ///< decay of the first moment, the mean of gradients
  double beta2 = 0.999;       ///< decay of the second moment, the mean of their squares; or (lion)
                              ///< of the mean that is kept for the next step
  double epsilon = 1e-8;      ///< > 0
  double weight_decay = 0.0;  ///< decoupled from the gradient; biases decay too

  bool operator==(const UpdateConstants&) const = default;
};

/// What a rule uses where a configuration does not set it.
struct UpdateDefaults {
  double learning_rate;
  UpdateConstants constants;
};
[[nodiscard]] UpdateDefaults defaults_of(UpdateRule rule);

/// Whether the rule uses this key of the configuration, of those that not all rules use.
[[nodiscard]] bool uses(UpdateRule rule, std::string_view key);

/// Whether the moments are corrected for their start at 0.
[[nodiscard]] bool corrects_moments(UpdateRule rule);

/// State vectors beside the parameters, at most 2.
[[nodiscard]] int states_of(UpdateRule rule, const UpdateConstants& constants);

}  // namespace annmpi::rules
