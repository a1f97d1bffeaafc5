#include "annmpi/comm/launcher.hpp"

#include <cstdlib>
#include <string_view>

namespace annmpi::comm {

bool launched_as_rank_0() {
  // The launcher's own variable comes first: mpirun inside a Slurm job may start processes from
  // daemons that srun started, and these inherit a SLURM_PROCID that is not their rank.
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"})
    if (const char* rank = std::getenv(name); rank != nullptr && *rank != '\0')
      return std::string_view(rank) == "0";
  return true;
}

}  // namespace annmpi::comm
