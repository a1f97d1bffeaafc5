#include <chrono>
#include <cmath>

#include "annmpi/base/error.hpp"

#include "command_line.hpp"
#include "commands.hpp"
#include "csv_conversion.hpp"
#include "number.hpp"
#include "summary.hpp"

namespace annmpi::data_tool {
namespace {

namespace po = boost::program_options;

const CommandText text{
    .name = "csv",
    .arguments = {"IN", "OUT"},
    .about =
        "Converts the comma-separated file IN, one labelled row per line, to the HDF5 file OUT.\n",
    .notes =
        "Without --type, values that are all whole numbers from 0 to 255 are stored as uint8 with\n"
        "scale 1/255, anything else as float32 with scale 1. A first line that is not numeric\n"
        "is a header. Labels are whole numbers from 0 (1 and 1.0 are the same), or names that\n"
        "--class-names lists. Pixels (uint8, uint16) that fill a square of at least 8 x 8 get its\n"
        "shape unless --image-shape gives another one. Messages count lines and columns from 1.\n\n"
        "IN is read twice, and a third time if a value late in the file needs a wider type.\n"
        "Memory stays below 200 MB for any size. --shuffle applies a random permutation that\n"
        "depends only on SEED and the number of rows: OUT is written in buckets, which takes two\n"
        "writes and one read if it has more than about 40 MB, and one write otherwise. --rows\n"
        "selects before the shuffle. A conversion that fails or is interrupted leaves no file\n"
        "behind.\n"};

po::options_description options() {
  po::options_description list("Options");
  list.add_options()  //
      ("label-column", po::value<std::string>()->value_name("N|NAME"),
       "column of the labels: its number from 0 (-1 is the last) or its name (default: 0)")  //
      ("class-names", po::value<std::string>()->value_name("A,B,C"),
       "names of the classes 0, 1, ... (default: their numbers)")  //
      ("type", po::value<std::string>()->value_name("T"),
       ("how to store features: " + io::feature_type_names()).c_str())  //
      ("feature-scale", po::value<std::string>()->value_name("S"),
       "the network sees feature * S (default: 1/255 for uint8, 1/65535 for uint16, else 1)")  //
      ("image-shape", po::value<std::string>()->value_name("R,C"),
       "the features are images of R rows and C columns")  //
      ("rows", po::value<std::string>()->value_name("A:B"),
       "only rows A to B-1, counted from 0")  //
      ("shuffle", po::value<std::string>()->value_name("SEED"),
       "put the rows into random order")  //
      ("force", "overwrite OUT");
  return list;
}

std::optional<io::ElementType> parse_type(const std::optional<std::string>& name) {
  if (!name) return std::nullopt;
#define ANNMPI_PARSE(name_of_type, Type) \
  if (*name == #name_of_type) return io::ElementType::name_of_type;
  ANNMPI_FOR_EACH_FEATURE_TYPE(ANNMPI_PARSE)
#undef ANNMPI_PARSE
  throw Error("--type {}: is unknown; choose {}", *name, io::feature_type_names());
}

std::optional<double> parse_scale(const std::optional<std::string>& value) {
  if (!value) return std::nullopt;
  // "1/255" is the usual notation.
  const std::size_t slash = value->find('/');
  const auto numerator = to_number(std::string_view(*value).substr(0, slash));
  const auto denominator = slash == std::string::npos
                               ? std::optional(1.0)
                               : to_number(std::string_view(*value).substr(slash + 1));
  const double scale = numerator && denominator ? *numerator / *denominator : 0;
  require(std::isfinite(scale) && scale > 0,
          "--feature-scale {}: is not a positive number; write one like 0.01 or 1/255", *value);
  return scale;
}

std::optional<ImageShape> parse_shape(const std::optional<std::string>& value) {
  if (!value) return std::nullopt;
  const std::size_t comma = value->find(',');
  constexpr long long longest_side = 1 << 20;
  const auto side = [&](std::string_view part) {
    const std::optional<long long> number = to_integer(part);
    require(number && *number > 0 && *number <= longest_side && comma != std::string::npos,
            "--image-shape {}: is not a shape; write R,C like 32,32", *value);
    return *number;
  };
  return ImageShape{side(std::string_view(*value).substr(0, comma)),
                    side(comma == std::string::npos ? std::string_view{}
                                                    : std::string_view(*value).substr(comma + 1))};
}

}  // namespace

int run_csv(const Words& words) {
  const CommandLine line(text, options(), words);
  if (line.help_shown()) return exit_status::success;
  CsvRequest request;
  request.input = line.argument(0);
  request.output = line.argument(1);
  request.label_column = line.get<std::string>("label-column").value_or("0");
  request.class_names = parse_class_names(line.get<std::string>("class-names"));
  request.type = parse_type(line.get<std::string>("type"));
  request.feature_scale = parse_scale(line.get<std::string>("feature-scale"));
  request.image_shape = parse_shape(line.get<std::string>("image-shape"));
  request.rows = parse_rows(line.get<std::string>("rows"));
  if (const auto seed = line.get<std::string>("shuffle")) {
    request.shuffle_seed = parse_count("--shuffle", *seed);
  }
  request.force = line.has("force");
  const Stopwatch stopwatch;
  report(request.output, convert_csv(request), stopwatch);
  return exit_status::success;
}

}  // namespace annmpi::data_tool
