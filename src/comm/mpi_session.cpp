#include "annmpi/comm/mpi_session.hpp"

#include <array>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <mpi.h>
#include <unistd.h>

#include "annmpi/base/error.hpp"

namespace annmpi::comm {
namespace {

/// Where MPI was built without srun's process management interface, srun starts N jobs of one rank
/// each. They would all train the same model and write into one folder.
void require_one_job(const Communicator& world) {
  const char* tasks = std::getenv("SLURM_STEP_NUM_TASKS");
  const bool under_mpirun = std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr;
  if (world.size() > 1 || under_mpirun || tasks == nullptr) return;
  const int started = std::atoi(tasks);
  if (started <= 1) return;
  throw AgreedError(
      fmt::format("srun started {} programs of one rank each (this MPI does not support srun's "
                  "default interface); use mpirun, or srun --mpi=pmix",
                  started));
}

int run_guarded(const Communicator& world, const std::function<int(const Communicator&)>& program) {
  const auto abort_job = [&](const char* what, int status) {
    std::fflush(stdout);
    std::fprintf(stderr, "annmpi: error: rank %d on %s: %s\n", world.rank(), host_name().c_str(),
                 what);
    std::fflush(stderr);
    MPI_Abort(MPI_COMM_WORLD, status);
    return status;
  };
  try {
    require_one_job(world);
    return program(world);
  } catch (const AgreedError& error) {
    if (world.is_root()) std::fprintf(stderr, "annmpi: error: %s\n", error.what());
    return exit_status::wrong_input;
  } catch (const Error& error) {
    return abort_job(error.what(), exit_status::wrong_input);
  } catch (const std::exception& error) {
    return abort_job(error.what(), exit_status::fault);
  } catch (...) {
    return abort_job("an unknown exception", exit_status::fault);
  }
}

}  // namespace

int run_mpi_session(int& argc, char**& argv,
                    const std::function<int(const Communicator&)>& program) {
  int provided = MPI_THREAD_SINGLE;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  const Communicator world(MPI_COMM_WORLD);
  const int status = run_guarded(world, program);
  std::fflush(stdout);
  std::fflush(stderr);
  MPI_Barrier(MPI_COMM_WORLD);
  MPI_Finalize();
  return world.is_root() ? status : exit_status::success;
}

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "an unknown host";
}

std::string mpi_version() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);
  const std::string whole(text.data(), static_cast<std::size_t>(length));
  return whole.substr(0, whole.find_first_of(",\n"));
}

bool launched_as_rank_0() {
  // The launcher's own variable comes first: mpirun inside a Slurm job may start processes from
  // daemons that srun started, and these inherit a SLURM_PROCID that is not their rank.
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"})
    if (const char* rank = std::getenv(name); rank != nullptr && *rank != '\0')
      return std::string_view(rank) == "0";
  return true;
}

}  // namespace annmpi::comm
