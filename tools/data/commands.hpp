#pragma once

#include <string>
#include <vector>

/// The commands of annmpi-data. Each receives the arguments after its name and returns the exit
/// status. @throws Error on wrong input.
namespace annmpi::data_tool {

using Words = std::vector<std::string>;

int run_csv(const Words& words);
int run_idx(const Words& words);
int run_galaxies(const Words& words);
int run_info(const Words& words);
int run_verify(const Words& words);

}  // namespace annmpi::data_tool
