#include "annmpi/base/memory_use.hpp"

#include <fstream>
#include <string>

#include <unistd.h>

namespace annmpi {

std::uint64_t resident_bytes() {
  // statm: total pages, resident pages, ...
  std::ifstream file("/proc/self/statm");
  std::uint64_t all_pages = 0;
  std::uint64_t resident_pages = 0;
  file >> all_pages >> resident_pages;
  return resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t peak_resident_bytes() {
  // "VmHWM:  123 kB". getrusage would include the programs that this process ran before an exec.
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;) {
    std::uint64_t kilobytes = 0;
    if (word == "VmHWM:" && file >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

}  // namespace annmpi
