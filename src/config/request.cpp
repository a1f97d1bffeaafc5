#include "annmpi/config/request.hpp"

#include "annmpi/config/configuration_text.hpp"

namespace annmpi::config {

Request agree_on_request(int argc, const char* const* argv,
                         const comm::Communicator& communicator) {
  Request request;
  request.command_line = communicator.all_agree([&] { return parse_command_line(argc, argv); });
  std::string text;
  communicator.on_root([&] { text = to_toml(load(request.command_line)); });
  text = communicator.from_root(std::move(text));
  request.configuration =
      communicator.all_agree([&] { return read(text, "rank 0's configuration"); });
  return request;
}

}  // namespace annmpi::config
