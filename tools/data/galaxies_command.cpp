#include <algorithm>

#include "annmpi/base/error.hpp"

#include "command_line.hpp"
#include "commands.hpp"
#include "galaxy_conversion.hpp"
#include "summary.hpp"

namespace annmpi::data_tool {
namespace {

namespace po = boost::program_options;

const CommandText text{
    .name = "galaxies",
    .arguments = {"OUT"},
    .about =
        "Generates synthetic images of galaxies and writes them to OUT: *.csv (the label first,\n"
        "no header) or *.h5 (ready for training).\n",
    .notes =
        "Classes: 0 elliptical, 1 spiral, 2 irregular; row i has class i mod 3, so that every run\n"
        "of rows is balanced. Row i depends on SEED, i and the image size alone: a larger N keeps\n"
        "the first rows. Use another SEED, or another range of rows, for a test set.\n"};

po::options_description options() {
  po::options_description list("Options");
  list.add_options()                                                                        //
      ("rows", po::value<std::string>()->value_name("N"), "number of galaxies (required)")  //
      ("image-size", po::value<std::string>()->value_name("P")->default_value("32"),
       "images of P x P pixels")  //
      ("seed", po::value<std::string>()->value_name("SEED")->default_value("917"),
       "seed of the random numbers")  //
      ("force", "overwrite OUT");
  return list;
}

}  // namespace

int run_galaxies(const Words& words) {
  const CommandLine line(text, options(), words);
  if (line.help_shown()) return exit_status::success;
  const auto rows = line.get<std::string>("rows");
  require(rows.has_value(), "galaxies: --rows is missing; give the number of galaxies");
  GalaxyRequest request;
  request.output = line.argument(0);
  request.rows = parse_count("--rows", *rows);
  const std::uint64_t size = parse_count("--image-size", *line.get<std::string>("image-size"));
  request.image_size = static_cast<int>(std::min<std::uint64_t>(size, largest_image + 1));
  request.seed = parse_count("--seed", *line.get<std::string>("seed"));
  request.force = line.has("force");
  const Stopwatch stopwatch;
  report(request.output, make_galaxies(request), stopwatch);
  return exit_status::success;
}

}  // namespace annmpi::data_tool
