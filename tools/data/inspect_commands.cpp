#include <cstdio>

#include "annmpi/base/error.hpp"
#include "annmpi/base/log.hpp"

#include "checksums.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "data_file.hpp"
#include "summary.hpp"
#include "verification.hpp"

namespace annmpi::data_tool {
namespace {

const CommandText info_text{.name = "info",
                            .arguments = {"FILE"},
                            .about = "Shows the contents of the data file FILE.\n",
                            .notes = ""};

const CommandText verify_text{
    .name = "verify",
    .arguments = {"FILE"},
    .about = "Checks the data file FILE: schema, sizes, labels, finite values, checksums.\n",
    .notes =
        "Exit status 0 if the file is sound, 2 if not. A file from other software, without\n"
        "checksums, can be sound; the output says what could not be checked.\n"};

void print_row(const std::string& name, const std::string& value) {
  log::info("{:<14}{}", name, value);
}

std::string image_text(const DataFile& file) {
  const auto& sides = file.described().image_shape;
  return sides.empty() ? "none" : fmt::format("{} x {}", sides[0], sides[1]);
}

std::string checksum_text(const DataFile& file) {
  if (!file.checksum_rows()) return "none";
  return fmt::format("XXH3, {} blocks of {} rows",
                     block_count(file.layout().rows, *file.checksum_rows()), *file.checksum_rows());
}

}  // namespace

int run_info(const Words& words) {
  const CommandLine line(info_text, CommandLine::Options("Options"), words);
  if (line.help_shown()) return exit_status::success;
  const DataFile file(line.argument(0));
  const std::vector<std::uint64_t> counts = count_classes(file);
  const std::vector<std::string> names = names_of_classes(file, counts.size());
  const DataLayout layout = file.layout();
  print_row("file", file.path());
  print_row("rows", std::to_string(layout.rows));
  print_row("features", std::to_string(layout.features));
  print_row("type", fmt::format("{} (labels {})", io::name_of(layout.feature_type),
                                io::name_of(layout.label_type)));
  print_row("scale",
            file.has(schema::feature_scale) ? scale_text(file.described().feature_scale) : "none");
  print_row("image", image_text(file));
  print_row("source", file.source().empty() ? "unknown" : file.source());
  print_row("checksums", checksum_text(file));
  for (std::size_t label = 0; label < counts.size(); ++label) {
    print_row(label == 0 ? fmt::format("classes {}", counts.size()) : "",
              fmt::format("{:<6}{:<16}{} rows", label, names[label], counts[label]));
  }
  return exit_status::success;
}

int run_verify(const Words& words) {
  const CommandLine line(verify_text, CommandLine::Options("Options"), words);
  if (line.help_shown()) return exit_status::success;
  const DataFile file(line.argument(0));
  for (const std::string& checked : verify(file)) log::info("  {}", checked);
  log::info("{}: sound", file.path());
  return exit_status::success;
}

}  // namespace annmpi::data_tool
