#include "annmpi/output/versions.hpp"

#include <boost/version.hpp>
#include <fmt/format.h>
#include <hdf5.h>

#include "annmpi/comm/mpi_session.hpp"
#include "annmpi/device/instructions.hpp"

namespace annmpi::output {

std::string program_version() {
  return ANNMPI_VERSION;
}

std::vector<std::pair<std::string, std::optional<std::string>>> versions() {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned release = 0;
  H5get_libversion(&major, &minor, &release);
  const std::optional<device::BlasLibrary> blas = device::loaded_blas();
  return {{"annmpi", program_version()},
          {"compiler", ANNMPI_COMPILER},
          {"build_type", ANNMPI_BUILD_TYPE},
          {"mpi", comm::mpi_version()},
          {"hdf5", fmt::format("{}.{}.{}", major, minor, release)},
          {"openblas", blas ? std::optional(blas->configuration) : std::nullopt}};
}

}  // namespace annmpi::output
