#include "annmpi/base/error.hpp"

#include "command_line.hpp"
#include "commands.hpp"
#include "idx_conversion.hpp"
#include "summary.hpp"

namespace annmpi::data_tool {
namespace {

namespace po = boost::program_options;

const CommandText text{
    .name = "idx",
    .arguments = {"IMAGES", "LABELS", "OUT"},
    .about =
        "Converts the images and labels of a pair of IDX files (the format of MNIST), plain or\n"
        "compressed with gzip, to the HDF5 file OUT.\n",
    .notes =
        "Pixels are stored as uint8 with scale 1/255. A conversion that fails or is interrupted\n"
        "leaves no file behind; memory stays below 200 MB for any size.\n"};

po::options_description options() {
  po::options_description list("Options");
  list.add_options()  //
      ("class-names", po::value<std::string>()->value_name("A,B,C"),
       "names of the classes 0, 1, ... (default: their numbers)")  //
      ("rows", po::value<std::string>()->value_name("A:B"),
       "only rows A to B-1, counted from 0")  //
      ("force", "overwrite OUT");
  return list;
}

}  // namespace

int run_idx(const Words& words) {
  const CommandLine line(text, options(), words);
  if (line.help_shown()) return exit_status::success;
  IdxRequest request;
  request.images = line.argument(0);
  request.labels = line.argument(1);
  request.output = line.argument(2);
  request.class_names = parse_class_names(line.get<std::string>("class-names"));
  request.rows = parse_rows(line.get<std::string>("rows"));
  request.force = line.has("force");
  const Stopwatch stopwatch;
  report(request.output, convert_idx(request), stopwatch);
  return exit_status::success;
}

}  // namespace annmpi::data_tool
