#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "annmpi/base/log.hpp"
#include "annmpi/config/setting.hpp"
#include "annmpi/rules/activation.hpp"
#include "annmpi/rules/gradient_norm.hpp"
#include "annmpi/rules/loss.hpp"
#include "annmpi/rules/schedule.hpp"
#include "annmpi/rules/update_rule.hpp"

namespace annmpi::config {

using rules::Activation;
using rules::OutputUnit;
enum class Initialisation { uniform, glorot, he };
enum class Selection { best, last };
/// The methods with whole sets; behind them a kind for each update rule, in their order.
enum class OptimizerKind { cg, lbfgs };
enum class DeviceChoice { automatic, cpu, gpu };
enum class Precision { float64, mixed };

template <>
inline constexpr auto names<Activation> = rules::activation_names;
template <>
inline constexpr auto names<OutputUnit> = rules::output_names;
template <>
inline constexpr std::array<std::string_view, 3> names<Initialisation>{"uniform", "glorot", "he"};
template <>
inline constexpr std::array<std::string_view, 2> names<Selection>{"best", "last"};
inline constexpr std::size_t first_update_rule = 2;
template <>
inline constexpr auto names<OptimizerKind> = [] {
  std::array<std::string_view, first_update_rule + rules::update_rule_names.size()> all{"cg",
                                                                                        "lbfgs"};
  std::ranges::copy(rules::update_rule_names, all.begin() + first_update_rule);
  return all;
}();
template <>
inline constexpr std::array<std::string_view, 2> names<rules::GradientNorm>{"inf", "2"};
template <>
inline constexpr std::array<std::string_view, 3> names<rules::Schedule>{"constant", "step",
                                                                        "cosine"};
template <>
inline constexpr std::array<std::string_view, 3> names<DeviceChoice>{"auto", "cpu", "gpu"};
template <>
inline constexpr std::array<std::string_view, 2> names<Precision>{"float64", "mixed"};
template <>
inline constexpr std::array<std::string_view, 4> names<log::Level>{"debug", "info", "warning",
                                                                   "error"};

[[nodiscard]] constexpr OptimizerKind kind_of(rules::UpdateRule rule) {
  return static_cast<OptimizerKind>(first_update_rule + static_cast<std::size_t>(rule));
}
/// Nothing for methods with whole sets.
[[nodiscard]] constexpr std::optional<rules::UpdateRule> update_rule_of(OptimizerKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  if (index < first_update_rule) return std::nullopt;
  return static_cast<rules::UpdateRule>(index - first_update_rule);
}

/// The configuration of a run, one struct per section of the file.
///
/// To add a key, add the member with its default and, below it, its entry in settings().
struct Configuration {
  struct Data {
    std::string train;
    std::string test;
    std::string validation;
    bool streaming = false;

    static constexpr auto settings() {
      return std::tuple{
          Setting{"train", &Data::train, "HDF5 file of the training set", required()},
          Setting{"test", &Data::test, "HDF5 file of the test set; empty: none"},
          Setting{"validation", &Data::validation,
                  "HDF5 file of the set that is monitored; empty: the test set"},
          Setting{"streaming", &Data::streaming,
                  "leave features in their files and read them ahead of each use, for data larger "
                  "than memory"},
      };
    }
    bool operator==(const Data&) const = default;
  };

  struct Model {
    std::vector<std::int64_t> hidden{8};
    Activation hidden_activation = Activation::sigmoid;
    OutputUnit output = OutputUnit::sigmoid;
    double l2 = 0.0;
    Initialisation init = Initialisation::uniform;
    double init_half_width = 0.2;
    std::uint32_t seed = 917;
    std::string start_from;
    Selection selection = Selection::best;

    static constexpr auto settings() {
      return std::tuple{
          Setting{"hidden", &Model::hidden, "units of each hidden layer, from first to last",
                  each_from_to(1, 1e6)},
          Setting{"hidden_activation", &Model::hidden_activation,
                  "activation function of the hidden units"},
          Setting{"output", &Model::output,
                  "sigmoid: one logistic unit per class; softmax: probabilities that sum to 1"},
          Setting{"l2", &Model::l2,
                  "weight of the penalty l2/(2m) ||W||^2 for m samples; biases are not penalised",
                  at_least(0)},
          Setting{"init", &Model::init,
                  "initial parameters: uniform: all in [-init_half_width, init_half_width); glorot "
                  "(for sigmoid and tanh), he (for relu): weights scaled by layer size, biases 0"},
          Setting{"init_half_width", &Model::init_half_width,
                  "init = \"uniform\": half width of the interval around 0", above(0)},
          Setting{"seed", &Model::seed, "seed of the initial parameters", from_to(0, 4294967295)},
          Setting{"start_from", &Model::start_from,
                  "model.h5 whose selected parameters training starts from; empty: see init"},
          Setting{
              "selection", &Model::selection,
              "parameters to keep: best: those of the lowest monitored cost; last: the final ones"},
      };
    }
    bool operator==(const Model&) const = default;
  };

  struct Optimizer : rules::UpdateConstants {
    OptimizerKind kind = OptimizerKind::cg;
    std::int64_t max_iterations = 600;
    double gradient_tolerance = 1e-5;
    rules::GradientNorm gradient_norm = rules::GradientNorm::infinity;
    double c1 = 1e-4;
    double c2 = 0.4;
    std::int64_t max_trials = 100;
    std::int64_t memory = 10;
    std::int64_t refresh_interval = 16;
    std::int64_t patience = 0;
    std::int64_t batch_size = 128;
    std::int64_t epochs = 10;
    double learning_rate = 0.001;
    double clip_norm = 0.0;
    rules::Schedule schedule = rules::Schedule::constant;
    double warmup_epochs = 0.0;
    double step_epochs = 10.0;
    double step_factor = 0.1;
    double final_factor = 0.0;

    /// Whether the method is stochastic, with mini-batches.
    [[nodiscard]] bool takes_batches() const { return update_rule_of(kind).has_value(); }

    /// The defaults with this kind. Conjugate gradients need accurate line searches, a small c2;
    /// the directions of L-BFGS are scaled already (Nocedal and Wright, section 3.1).
    [[nodiscard]] static Optimizer defaults(OptimizerKind kind);

    static constexpr auto settings() {
      return std::tuple{
          Setting{"kind", &Optimizer::kind,
                  "cg: nonlinear conjugate gradients, Polak-Ribiere+; lbfgs: limited-memory BFGS; "
                  "the others: stochastic, with mini-batches"},
          Setting{"max_iterations", &Optimizer::max_iterations, "cg, lbfgs: maximum of iterations",
                  at_least(0)},
          Setting{"gradient_tolerance", &Optimizer::gradient_tolerance,
                  "cg, lbfgs: converged when the norm of the gradient is at most this",
                  at_least(0)},
          Setting{"gradient_norm", &Optimizer::gradient_norm,
                  "norm compared with gradient_tolerance: inf: largest element; 2: Euclidean"},
          Setting{"c1", &Optimizer::c1,
                  "sufficient decrease: cost <= cost(0) + c1 * step * slope(0); c1 < c2",
                  inside(0, 1)},
          Setting{"c2", &Optimizer::c2,
                  "curvature: |slope| <= c2 * |slope(0)|; c1 < c2; default for lbfgs: 0.9",
                  inside(0, 1)},
          Setting{"max_trials", &Optimizer::max_trials,
                  "maximum of trial steps in a line search; it fails after them", at_least(1)},
          Setting{"memory", &Optimizer::memory,
                  "lbfgs: number of stored steps, two vectors of parameters each",
                  from_to(1, 1000)},
          Setting{"refresh_interval", &Optimizer::refresh_interval,
                  "iterations between recomputations of the first layer from the features",
                  at_least(1)},
          Setting{"patience", &Optimizer::patience,
                  "stop after this many iterations (mini-batches: epochs) in a row without a "
                  "lower monitored cost; 0: never",
                  at_least(0)},
          Setting{
              "batch_size", &Optimizer::batch_size,
              "mini-batches: rows per batch, over all ranks; the last batch of an epoch may have "
              "fewer",
              at_least(1)},
          Setting{"epochs", &Optimizer::epochs, "mini-batches: number of passes over all rows",
                  at_least(0)},
          Setting{"learning_rate", &Optimizer::learning_rate,
                  "mini-batches: learning rate; the default depends on the kind", above(0)},
          Setting{"momentum", &Optimizer::momentum,
                  "fraction of the previous step's movement that is kept", from_to(0, 0.999999)},
          Setting{"nesterov", &Optimizer::nesterov, "Nesterov's form of momentum"},
          Setting{"beta1", &Optimizer::beta1, "decay rate of the mean of gradients",
                  from_to(0, 0.99999999)},
          Setting{"beta2", &Optimizer::beta2,
                  "decay rate of the mean of squared gradients, or of the mean kept for later "
                  "steps; the default depends on the kind",
                  from_to(0, 0.99999999)},
          Setting{"epsilon", &Optimizer::epsilon,
                  "added to the root of the mean, or sum, of squared gradients; the default "
                  "depends on the kind",
                  above(0)},
          Setting{"weight_decay", &Optimizer::weight_decay,
                  "decoupled decay of all parameters per step, times the learning rate (AdamW)",
                  at_least(0)},
          Setting{"clip_norm", &Optimizer::clip_norm,
                  "mini-batches: upper limit of the gradient's Euclidean norm; 0: none",
                  at_least(0)},
          Setting{
              "schedule", &Optimizer::schedule,
              "mini-batches: learning rate schedule: constant, drops in steps, or cosine decay"},
          Setting{
              "warmup_epochs", &Optimizer::warmup_epochs,
              "mini-batches: epochs, or a fraction of one, in which the rate rises linearly from 0",
              at_least(0)},
          Setting{"step_epochs", &Optimizer::step_epochs,
                  "schedule step: epochs between drops of the learning rate", above(0)},
          Setting{"step_factor", &Optimizer::step_factor,
                  "schedule step: factor of the learning rate at each drop", from_to(0, 1)},
          Setting{"final_factor", &Optimizer::final_factor,
                  "schedule cosine: fraction of the learning rate at the end", from_to(0, 1)},
      };
    }
    bool operator==(const Optimizer&) const = default;
  };

  struct Compute {
    DeviceChoice device = DeviceChoice::automatic;
    Precision precision = Precision::float64;
    bool deterministic = true;
    std::int64_t threads = 0;
    std::int64_t chunk_rows = 0;
    std::vector<double> shares;
    double cache_memory = 0.0;

    static constexpr auto settings() {
      return std::tuple{
          Setting{"device", &Compute::device,
                  "auto: each rank uses its GPU if it has a usable one, else its CPU; "
                  "mini-batches use GPUs only if every rank has one"},
          Setting{
              "precision", &Compute::precision,
              "mixed: on CPUs, single precision within a chunk of rows, double for carried "
              "values and all sums over chunks; mini-batches: single precision except for losses"},
          Setting{"deterministic", &Compute::deterministic,
                  "the same bits on any number of ranks and threads; ignored by mini-batches on "
                  "GPUs, which are always reproducible"},
          Setting{"threads", &Compute::threads,
                  "threads per rank; 0: OMP_NUM_THREADS, or else the cores of the rank",
                  from_to(0, 1024)},
          Setting{"chunk_rows", &Compute::chunk_rows,
                  "rows per chunk, the unit of work; 0: chosen from the data", at_least(0)},
          Setting{"shares", &Compute::shares,
                  "relative numbers of rows per rank, one for each, for nodes of different speed; "
                  "empty: equal, or, where GPUs and CPUs work together, by their speed measured at "
                  "start",
                  at_least(0)},
          Setting{"cache_memory", &Compute::cache_memory,
                  "MB per rank for its rows and carried values; 0: the free memory of its host. "
                  "Features stored as bytes are also kept transposed if they fit and it is faster",
                  at_least(0)},
      };
    }
    bool operator==(const Compute&) const = default;
  };

  struct Output {
    std::string directory;
    log::Level log_level = log::Level::info;

    static constexpr auto settings() {
      return std::tuple{
          Setting{"directory", &Output::directory,
                  "folder for the files of the run; empty: runs/ and the configuration's name"},
          Setting{"log_level", &Output::log_level, "lowest level of messages to print"},
      };
    }
    bool operator==(const Output&) const = default;
  };

  Data data;
  Model model;
  Optimizer optimizer;
  Compute compute;
  Output output;

  bool operator==(const Configuration&) const = default;
};

template <class Value>
struct Section {
  std::string_view name;
  Value Configuration::*member;
};
template <class Value>
Section(std::string_view, Value Configuration::*) -> Section<Value>;

/// The sections in the order of the file.
constexpr auto sections() {
  return std::tuple{
      Section{"data", &Configuration::data},           Section{"model", &Configuration::model},
      Section{"optimizer", &Configuration::optimizer}, Section{"compute", &Configuration::compute},
      Section{"output", &Configuration::output},
  };
}

/// Calls visit(section name, setting, value) for every key of every section, in order.
template <class MaybeConstConfiguration, class Visit>
void for_each_setting(MaybeConstConfiguration& configuration, Visit&& visit) {
  const auto visit_section = [&]<class Value>(const Section<Value>& section) {
    auto& values = configuration.*section.member;
    std::apply(
        [&](const auto&... setting) {
          (visit(section.name, setting, values.*setting.member), ...);
        },
        Value::settings());
  };
  std::apply([&](const auto&... section) { (visit_section(section), ...); }, sections());
}

}  // namespace annmpi::config
