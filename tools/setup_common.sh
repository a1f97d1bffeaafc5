# shellcheck shell=bash
# Functions shared by the scripts of this folder: messages, packages, building, the environment of mpirun.
# To be sourced, not run. Sets annmpi_root, the folder of the checkout.
# shellcheck disable=SC2034  # the scripts that source this file use these variables

annmpi_root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
annmpi_logs=$annmpi_root/build/logs

say() { printf '%s\n' "$*"; }
step() { printf '\n==> %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }

# Errors are one sentence that says what to do. Exit status 1; wrong usage of a script is status 2.
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}
misuse() {
  printf '%s: %s (see --help)\n' "${0##*/}" "$*" >&2
  exit 2
}

# option_value OPTION [VALUE ...]: sets `value`, the argument that must follow an option.
option_value() {
  [ $# -ge 2 ] || misuse "$1 needs a value"
  value=$2
}
# option_count OPTION [VALUE ...]: the same for an integer from 1 to 9999.
option_count() {
  option_value "$@"
  [[ $value =~ ^[1-9][0-9]{0,3}$ ]] || misuse "$1 must be an integer from 1 to 9999, not '$value'"
}

# ---- packages ---------------------------------------------------------------------------------

# package | a command that makes the package unnecessary if it exists | purpose
annmpi_build_packages=(
  "g++|g++|the C++20 compiler"
  "cmake|cmake|the build system, 3.25 or later"
  "ninja-build|ninja|runs the build"
  "openmpi-bin|mpirun|starts a program on several ranks"
  "libopenmpi-dev|mpicxx|MPI, for C++ programs"
  "libhdf5-dev||HDF5, the format of data sets and models"
  "libboost-program-options-dev||the command line"
  "libtomlplusplus-dev||configuration files (TOML)"
  "libopenblas-openmp-dev||matrix products"
  "libhwy-dev||portable vector instructions (Highway)"
  "libfmt-dev||text formatting, which spdlog builds on"
  "libspdlog-dev||the log"
  "nlohmann-json3-dev||summaries in JSON"
  "zlib1g-dev||reads gzip-compressed data sets"
  "libxxhash-dev||checksums of data and parameters"
  "libgtest-dev||the tests, which every build configures"
)
annmpi_figure_packages=(
  "python3||runs tools/plot_run.py"
  "python3-numpy||arrays, for the figure"
  "python3-h5py||reads the data, for the figure"
  "python3-matplotlib||draws the figure"
)
annmpi_test_packages=(
  "libbenchmark-dev||the benchmarks of the kernels (optional)"
  "shellcheck|shellcheck|checks the shell scripts"
)

have() { command -v "$1" >/dev/null 2>&1; }
package_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# missing_packages ENTRY...: prints the given entries that are not installed.
missing_packages() {
  local entry package command
  for entry in "$@"; do
    IFS='|' read -r package command _ <<<"$entry"
    [ -n "$command" ] && have "$command" && continue
    package_installed "$package" || printf '%s\n' "$entry"
  done
}

# install_packages MAY-INSTALL ENTRY...: ensures that all are installed; MAY-INSTALL is yes or no.
install_packages() {
  local may_install=$1 entry package reason
  shift
  if ! have dpkg-query; then
    note "This is not Debian or Ubuntu (there is no dpkg), so no packages are installed. If a library is"
    note "missing, the build prints its Debian name; install the package of your system for it."
    return 0
  fi
  local missing=() packages=()
  while IFS= read -r entry; do missing+=("$entry"); done < <(missing_packages "$@")
  if [ ${#missing[@]} -eq 0 ]; then
    note "Everything is installed already."
    return 0
  fi
  for entry in "${missing[@]}"; do
    IFS='|' read -r package _ reason <<<"$entry"
    packages+=("$package")
    note "$(printf '%-30s %s' "$package" "$reason")"
  done
  local by_hand="apt-get install ${packages[*]}"
  [ "$may_install" = yes ] ||
    fail "these packages are missing (--no-install was given); install them with: sudo $by_hand"
  have apt-get ||
    fail "these packages are missing and there is no apt-get; install them: ${packages[*]}"

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    have sudo || fail "installing needs root and there is no sudo; as root, run: $by_hand"
    if ! sudo -n true 2>/dev/null; then
      [ -t 0 ] || fail "sudo needs a password and there is no terminal to type it on; run: sudo $by_hand"
      note "sudo may ask for your password."
      sudo -v || fail "sudo was refused; ask an administrator to run: sudo $by_hand"
    fi
    as_root=(sudo)
  fi
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120)
  run_logged packages-update "${apt[@]}" update
  run_logged packages-install "${apt[@]}" install --yes --no-install-recommends "${packages[@]}"
}

# ---- steps with a log -------------------------------------------------------------------------

# Reads the lines of a build and shows its progress ("[12/80]") in place, on a terminal only.
show_count() {
  local line
  if [ ! -t 1 ]; then
    cat >/dev/null
    return
  fi
  while IFS= read -r line; do
    case $line in "["*/*"]"*) printf '\r    %s]  ' "${line%%]*}" ;; esac
  done
  printf '\r               \r'
}

stopped() { # LOG COMMAND...
  local log=$1
  shift
  {
    printf '\n%s: stopped because this command failed:\n    %s\n' "${0##*/}" "$*"
    printf 'The last lines of its log, %s:\n' "$log"
    tail -n 30 -- "$log" | sed 's/^/  | /'
  } >&2
  exit 1
}

# run_logged NAME COMMAND...: runs quietly, with output to build/logs/NAME.log; prints its end on failure.
run_logged() {
  local log=$annmpi_logs/$1.log
  shift
  mkdir -p -- "$annmpi_logs"
  "$@" </dev/null 2>&1 | tee -- "$log" | show_count || stopped "$log" "$@"
}

# run_shown NAME COMMAND...: the same, and shows the output of the command.
run_shown() {
  local log=$annmpi_logs/$1.log
  shift
  mkdir -p -- "$annmpi_logs"
  "$@" </dev/null 2>&1 | tee -- "$log" | sed -u 's/^/    /' || stopped "$log" "$@"
}

# ---- building ---------------------------------------------------------------------------------

# configure PRESET OPTIONS...
configure() {
  local preset=$1
  shift
  (cd -- "$annmpi_root" && run_logged "configure-$preset" cmake --preset "$preset" "$@")
}

# build PRESET JOBS TARGETS...
build() {
  local preset=$1 jobs=$2
  shift 2
  (cd -- "$annmpi_root" &&
    run_logged "build-$preset" cmake --build "build/$preset" --parallel "$jobs" --target "$@")
}

# ---- mpirun -----------------------------------------------------------------------------------

# Lets mpirun start any number of ranks, as any user, on a machine that may be busy. Environment
# variables are used because option names differ between Open MPI 4 (OMPI_) and 5 (PRTE_); other MPI
# libraries ignore them. For measurements, give explicit options on the command line of mpirun.
prepare_mpirun() {
  if [ "$(id -u)" -eq 0 ]; then # usually in a container
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    export PRTE_ALLOW_RUN_AS_ROOT=1 PRTE_ALLOW_RUN_AS_ROOT_CONFIRM=1
    # Containers often forbid the system call that reads the memory of another rank.
    export OMPI_MCA_btl_vader_single_copy_mechanism=none OMPI_MCA_smsc=^cma
  fi
  # Allow more ranks than cores. Waiting ranks yield instead of spinning. Ranks are not bound to cores,
  # because other programs may be using these cores.
  export OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
  export OMPI_MCA_mpi_yield_when_idle=1
  export OMPI_MCA_hwloc_base_binding_policy=none PRTE_MCA_hwloc_default_binding_policy=none
  export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
}
