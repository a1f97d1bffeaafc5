#include "config/consistency.hpp"

#include <algorithm>
#include <vector>

#include "annmpi/base/error.hpp"
#include "annmpi/base/listed.hpp"

#include "config/literal.hpp"
#include "config/optimizer_keys.hpp"

namespace annmpi::config {
namespace {

using Optimizer = Configuration::Optimizer;

std::string quoted(OptimizerKind kind) {
  return literal(name_of(kind));
}

/// Keys of other optimizers must have their defaults, as in a resolved configuration: setting one
/// without effect is most likely a mistake.
void require_used_keys(const Optimizer& optimizer, const GivenValues& given) {
  const Optimizer untouched = Optimizer::defaults(optimizer.kind);
  const auto check = [&](const auto& setting) {
    const auto found = given.find(fmt::format("optimizer.{}", setting.key));
    if (found == given.end() || optimizer.*setting.member == untouched.*setting.member) return;
    const std::vector<OptimizerKind> users = users_of(setting.key);
    if (users.empty() || std::ranges::count(users, optimizer.kind) > 0) return;
    std::vector<std::string> kinds;
    for (const OptimizerKind kind : users) kinds.push_back(quoted(kind));
    throw Error(
        "{}: optimizer.{} = {}: has no effect with optimizer.kind = {} (it belongs to {});"
        " remove it, or choose another kind",
        found->second.where, setting.key, shown(found->second.value), quoted(optimizer.kind),
        listed(kinds, " and "));
  };
  std::apply([&](const auto&... setting) { (check(setting), ...); }, Optimizer::settings());
}

/// Requires a condition between the optimizer's `key` and other keys.
template <class Value>
void require_beside(bool holds, const char* key, const Value& value, std::string_view why,
                    const GivenValues& given, std::string_view source) {
  const auto found = given.find(fmt::format("optimizer.{}", key));
  require(holds, "{}: optimizer.{} = {}: {}",
          found != given.end() ? found->second.where : std::string(source), key, literal(value),
          why);
}

void require_consistent_batches(const Optimizer& optimizer, const GivenValues& given,
                                std::string_view source) {
  const Optimizer untouched;
  require_beside(
      !optimizer.nesterov || optimizer.momentum > 0, "nesterov", optimizer.nesterov,
      "has no effect (optimizer.momentum is 0); set optimizer.momentum above 0, or remove it",
      given, source);
  require_beside(
      optimizer.warmup_epochs <= static_cast<double>(optimizer.epochs), "warmup_epochs",
      optimizer.warmup_epochs,
      fmt::format("is longer than the training (optimizer.epochs = {}); write at most {}",
                  optimizer.epochs, optimizer.epochs),
      given, source);
  const bool drops = optimizer.schedule == rules::Schedule::step;
  const bool follows_cosine = optimizer.schedule == rules::Schedule::cosine;
  require_beside(drops || optimizer.step_epochs == untouched.step_epochs, "step_epochs",
                 optimizer.step_epochs,
                 "has no effect (it belongs to optimizer.schedule = \"step\"); remove it, or "
                 "choose that schedule",
                 given, source);
  require_beside(drops || optimizer.step_factor == untouched.step_factor, "step_factor",
                 optimizer.step_factor,
                 "has no effect (it belongs to optimizer.schedule = \"step\"); remove it, or "
                 "choose that schedule",
                 given, source);
  require_beside(follows_cosine || optimizer.final_factor == untouched.final_factor, "final_factor",
                 optimizer.final_factor,
                 "has no effect (it belongs to optimizer.schedule = \"cosine\"); remove it, or "
                 "choose that schedule",
                 given, source);
}

void require_consistent_lines(const Optimizer& optimizer, const GivenValues& given,
                              std::string_view source) {
  const auto c1_given = given.find("optimizer.c1");
  const auto c2_given = given.find("optimizer.c2");
  const std::string where = c1_given != given.end()   ? c1_given->second.where
                            : c2_given != given.end() ? c2_given->second.where
                                                      : std::string(source);
  require(optimizer.c1 < optimizer.c2,
          "{}: optimizer.c1 = {} with optimizer.c2 = {}: contradict each other (a step that "
          "satisfies both may not exist); write 0 < c1 < c2 < 1",
          where, literal(optimizer.c1), literal(optimizer.c2));
}

/// The number of weights is checked where the number of ranks is known.
void require_some_share(const std::vector<double>& shares, const GivenValues& given,
                        std::string_view source) {
  const auto found = given.find("compute.shares");
  const bool some = std::ranges::any_of(shares, [](double share) { return share > 0; });
  require(
      shares.empty() || some,
      "{}: compute.shares = {}: assigns no rows to any rank (all are 0); give at least one rank "
      "more than 0",
      found != given.end() ? found->second.where : std::string(source), literal(shares));
}

}  // namespace

void require_consistent(const Configuration& configuration, const GivenValues& given,
                        std::string_view source) {
  require_used_keys(configuration.optimizer, given);
  if (configuration.optimizer.takes_batches())
    require_consistent_batches(configuration.optimizer, given, source);
  else
    require_consistent_lines(configuration.optimizer, given, source);
  require_some_share(configuration.compute.shares, given, source);
  const auto patience = given.find("optimizer.patience");
  const bool watches = !configuration.data.test.empty() || !configuration.data.validation.empty();
  require(
      watches || configuration.optimizer.patience == 0,
      "{}: optimizer.patience = {}: has no cost to monitor (neither data.validation nor data.test "
      "is given); name a set to monitor, or write 0",
      patience != given.end() ? patience->second.where : std::string(source),
      configuration.optimizer.patience);
}

}  // namespace annmpi::config
