# shellcheck shell=bash
# What the scripts of this folder share: messages, packages, building, the surroundings of mpirun.
# To be sourced, not run. Sets annmpi_root, the folder of the checkout.
# shellcheck disable=SC2034  # what is set here is used by the scripts that source this

annmpi_root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
annmpi_logs=$annmpi_root/build/logs

say() { printf '%s\n' "$*"; }
step() { printf '\n==> %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }

# Trouble: one sentence with what to do. Status 1; misuse of a script is status 2.
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
# option_count OPTION [VALUE ...]: the same for a whole number from 1 to 9999.
option_count() {
  option_value "$@"
  [[ $value =~ ^[1-9][0-9]{0,3}$ ]] || misuse "$1 must be a whole number from 1 to 9999, not '$value'"
}

# ---- packages ---------------------------------------------------------------------------------

# package | a command that does as well when it is there already | what it is needed for
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
  "libhwy-dev||vector instructions of any processor"
  "libfmt-dev||text formatting, which spdlog builds on"
  "libspdlog-dev||the log"
  "nlohmann-json3-dev||summaries in JSON"
  "zlib1g-dev||reads gzip-compressed data sets"
  "libxxhash-dev||checksums of data and parameters"
  "libgtest-dev||the tests, which are configured with every build"
)
annmpi_figure_packages=(
  "python3||runs tools/plot_run.py"
  "python3-numpy||arrays, for the figure"
  "python3-h5py||reads the model and the data, for the figure"
  "python3-matplotlib||draws the figure"
)
annmpi_test_packages=(
  "libbenchmark-dev||the benchmarks of the kernels, left out without it"
  "shellcheck|shellcheck|checks the shell scripts"
)

have() { command -v "$1" >/dev/null 2>&1; }
package_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# missing_packages ENTRY...: the entries, of those given, that this machine lacks.
missing_packages() {
  local entry package command
  for entry in "$@"; do
    IFS='|' read -r package command _ <<<"$entry"
    [ -n "$command" ] && have "$command" && continue
    package_installed "$package" || printf '%s\n' "$entry"
  done
}

# install_packages MAY-INSTALL ENTRY...: makes sure that all are there; MAY-INSTALL is yes or no.
install_packages() {
  local may_install=$1 entry package reason
  shift
  if ! have dpkg-query; then
    note "This is no Debian or Ubuntu (no dpkg): nothing can be installed from here. The build names"
    note "what it lacks by its Debian name; install your system's package of that library."
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
    fail "these packages are missing and there is no apt-get here; install them: ${packages[*]}"

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    have sudo || fail "installing needs root and there is no sudo; as root, run: $by_hand"
    if ! sudo -n true 2>/dev/null; then
      [ -t 0 ] || fail "installing needs sudo, and nobody is there to type a password; run: sudo $by_hand"
      note "sudo may ask for your password."
      sudo -v || fail "sudo was refused; have somebody run: sudo $by_hand"
    fi
    as_root=(sudo)
  fi
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120)
  run_logged packages-update "${apt[@]}" update
  run_logged packages-install "${apt[@]}" install --yes --no-install-recommends "${packages[@]}"
}

# ---- steps that keep a log --------------------------------------------------------------------

# Lines in, the count of a running build out ("[12/80]", in place), on a terminal only.
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
    printf '\n%s: stopped: this command failed:\n    %s\n' "${0##*/}" "$*"
    printf 'The last lines of its log, %s:\n' "$log"
    tail -n 30 -- "$log" | sed 's/^/  | /'
  } >&2
  exit 1
}

# run_logged NAME COMMAND...: quietly, into build/logs/NAME.log; on failure its end is shown.
run_logged() {
  local log=$annmpi_logs/$1.log
  shift
  mkdir -p -- "$annmpi_logs"
  "$@" </dev/null 2>&1 | tee -- "$log" | show_count || stopped "$log" "$@"
}

# run_shown NAME COMMAND...: the same, with the command's output on the screen too.
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

# Lets mpirun start any number of ranks here, whoever runs it and whatever else this machine is busy
# with. By the environment, because the names of the options differ between Open MPI 4 (OMPI_) and
# 5 (PRTE_); other MPIs ignore it. For measurements, say what you want on mpirun's command line.
prepare_mpirun() {
  if [ "$(id -u)" -eq 0 ]; then # in a container, most often
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    export PRTE_ALLOW_RUN_AS_ROOT=1 PRTE_ALLOW_RUN_AS_ROOT_CONFIRM=1
    # Containers often forbid the system call with which ranks read each other's memory.
    export OMPI_MCA_btl_vader_single_copy_mechanism=none OMPI_MCA_smsc=^cma
  fi
  # More ranks than cores are allowed; ranks that wait let others run instead of spinning, and are
  # not tied to cores, which other programs may be using.
  export OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
  export OMPI_MCA_mpi_yield_when_idle=1
  export OMPI_MCA_hwloc_base_binding_policy=none PRTE_MCA_hwloc_default_binding_policy=none
  export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
}
