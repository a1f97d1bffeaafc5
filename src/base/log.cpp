#include "annmpi/base/log.hpp"

#include <memory>
#include <string>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace annmpi::log {
namespace {

using Sink = spdlog::sinks::sink;

std::shared_ptr<spdlog::logger> make_logger(std::shared_ptr<Sink> sink,
                                            const std::string& pattern) {
  auto logger = std::make_shared<spdlog::logger>("annmpi", std::move(sink));
  logger->set_pattern(pattern);
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::trace);
  return logger;
}

spdlog::logger& standard_output() {
  static const auto logger = make_logger(std::make_shared<spdlog::sinks::stdout_sink_mt>(), "%v");
  return *logger;
}

std::string program = "annmpi";

spdlog::logger& standard_error() {
  static const auto logger =
      make_logger(std::make_shared<spdlog::sinks::stderr_sink_mt>(), program + ": %l: %v");
  return *logger;
}

Level current_level = Level::info;

}  // namespace

void set_program(std::string_view name) {
  program = name;
}

void set_level(Level level) {
  current_level = level;
}

Level level() {
  return current_level;
}

void write(Level level, std::string_view text) {
  if (level < current_level) return;
  switch (level) {
    case Level::debug:
      standard_output().debug(text);
      break;
    case Level::info:
      standard_output().info(text);
      break;
    case Level::warning:
      standard_error().warn(text);
      break;
    case Level::error:
      standard_error().error(text);
      break;
    case Level::off:
      break;
  }
}

}  // namespace annmpi::log
