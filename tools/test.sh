#!/usr/bin/env bash
# Builds annmpi with its tests and runs them all.
set -euo pipefail
# shellcheck source=tools/setup_common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/setup_common.sh"

usage() {
  cat <<'TEXT'
usage: tools/test.sh [--no-install] [--jobs N] [--preset release|debug|asan] [--filter REGEX]
                     [--with slurm]

Installs the packages that are missing, builds annmpi into build/PRESET with warnings as errors,
checks that every public header compiles alone (not with asan), and runs the whole test suite.

  --no-install     install nothing; name what is missing and stop
  --jobs N         processes for building and testing (default: the number of cores)
  --preset PRESET  release (default), debug, or asan (address and undefined-behaviour sanitizers)
  --filter REGEX   run only the tests whose names match
  --with slurm     run also what needs Slurm on this machine; left out, and said so, otherwise

At the end stand the tests that were skipped and why, then CTest's summary. Tests that compare with
other people's data look for it in the folder that ANNMPI_REFERENCE_DATA names.
Status: 0 all passed, 1 something failed, 2 wrong use.
TEXT
}

may_install=yes jobs=$(nproc) preset=release filter=
on_request=(slurm) # labels of tests that need more than a compiler and MPI
requested=()
while [ $# -gt 0 ]; do
  case $1 in
    --no-install) may_install=no ;;
    --jobs) option_count "$@" && jobs=$value && shift ;;
    --preset) option_value "$@" && preset=$value && shift ;;
    --filter) option_value "$@" && filter=$value && shift ;;
    --with) option_value "$@" && requested+=("$value") && shift ;;
    -h | --help) usage && exit 0 ;;
    *) misuse "unknown argument '$1'" ;;
  esac
  shift
done
case $preset in release | debug | asan) ;; *) misuse "--preset must be release, debug or asan, not '$preset'" ;; esac
for label in "${requested[@]}"; do
  [[ " ${on_request[*]} " == *" $label "* ]] || misuse "--with knows only: ${on_request[*]}; not '$label'"
done

build_folder=$annmpi_root/build/$preset
say "The test suite of annmpi, preset $preset, $jobs processes: packages, build, tests."
say "Building takes some minutes of one core the first time, the tests another minute or two."

step "1/3 Packages"
install_packages "$may_install" "${annmpi_build_packages[@]}" "${annmpi_figure_packages[@]}" \
  "${annmpi_test_packages[@]}"
packages_done=$SECONDS

step "2/3 Building into build/$preset"
# The sanitizers see running code: that headers compile alone, the other presets check.
verify=ON
[ "$preset" != asan ] || verify=OFF
configure "$preset" -DBUILD_TESTING=ON -DANNMPI_WARNINGS_AS_ERRORS=ON \
  -DCMAKE_VERIFY_INTERFACE_HEADER_SETS=$verify
targets=(all)
if [ "$verify" = ON ] && grep -q '^build all_verify_interface_header_sets:' "$build_folder/build.ninja"; then
  targets+=(all_verify_interface_header_sets)
fi
build "$preset" "$jobs" "${targets[@]}"
build_done=$SECONDS

step "3/3 Testing"
selection=()
[ -z "$filter" ] || selection+=(--tests-regex "$filter")
left_out=()
for label in "${on_request[@]}"; do
  [[ " ${requested[*]-} " == *" $label "* ]] && continue
  selection+=(--label-exclude "^$label\$")
  number=$(cd -- "$build_folder" && ctest -N -L "^$label\$" | sed -n 's/^Total Tests: //p')
  [ "${number:-0}" -eq 0 ] || left_out+=("label $label (number of tests: $number): more than a compiler and MPI is needed; run with --with $label")
done

ctest_log=$annmpi_logs/test-$preset.log
status=0
# The summary is held back until the list of skipped tests has been printed.
cd -- "$build_folder"
ctest --output-on-failure --no-tests=error --parallel "$jobs" "${selection[@]}" </dev/null 2>&1 |
  tee -- "$ctest_log" | sed -u -n '/^[0-9]*% tests passed/,$!p' || status=1

step "Skipped"
skipped=$(awk -f "$annmpi_root/tools/list_skipped.awk" "$build_folder/Testing/Temporary/LastTest.log")
[ ${#left_out[@]} -eq 0 ] || printf '    %s\n' "${left_out[@]}"
[ -z "$skipped" ] || printf '%s\n' "$skipped"
[ ${#left_out[@]} -gt 0 ] || [ -n "$skipped" ] || note "Nothing was skipped."

step "Times"
note "packages $packages_done s, build $((build_done - packages_done)) s, tests $((SECONDS - build_done)) s;" \
  "the tests' log: $ctest_log"
say
if grep -q '^[0-9]*% tests passed' "$ctest_log"; then
  sed -n '/^[0-9]*% tests passed/,$p' "$ctest_log"
else # CTest found no test, or did not get far enough for a summary
  tail -n 5 -- "$ctest_log"
fi
exit "$status"
