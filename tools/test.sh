#!/usr/bin/env bash
# Builds annmpi with its tests and runs them all.
set -euo pipefail
# shellcheck source=tools/setup_common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/setup_common.sh"

usage() {
  cat <<'TEXT'
usage: tools/test.sh [--no-install] [--jobs N] [--preset release|debug|asan] [--filter REGEX]
                     [--with slurm]

Installs missing packages, builds annmpi into build/PRESET with warnings as errors, checks that every
public header compiles on its own (not with asan), and runs the whole test suite.

  --no-install     install nothing; list the missing packages and stop
  --jobs N         processes for building and testing (default: the number of cores)
  --preset PRESET  release (default), debug, or asan (address and undefined-behaviour sanitizers)
  --filter REGEX   run only the tests whose names match
  --with slurm     also run the tests that need Slurm on this machine; otherwise they are reported as
                   skipped

At the end, the skipped tests are listed with the reasons, followed by CTest's summary. Tests that need
external reference data look for them in the folder that ANNMPI_REFERENCE_DATA names.
Exit status: 0 all passed, 1 something failed, 2 wrong usage.
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
  [[ " ${on_request[*]} " == *" $label "* ]] || misuse "--with must be one of: ${on_request[*]}; not '$label'"
done

build_folder=$annmpi_root/build/$preset
say "The test suite of annmpi, preset $preset, $jobs processes: packages, build, tests."
say "The first build takes some minutes of one core, the tests another minute or two."

step "1/3 Packages"
install_packages "$may_install" "${annmpi_build_packages[@]}" "${annmpi_figure_packages[@]}" \
  "${annmpi_test_packages[@]}"
packages_done=$SECONDS

step "2/3 Building into build/$preset"
# Sanitizers check running code; the other presets check that headers compile on their own.
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
  [ "${number:-0}" -eq 0 ] || left_out+=("label $label (number of tests: $number): these need more than a compiler and MPI; run them with --with $label")
done

ctest_log=$annmpi_logs/test-$preset.log
status=0
# The summary is printed after the list of skipped tests.
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
else # CTest found no test, or ended before its summary
  tail -n 5 -- "$ctest_log"
fi
exit "$status"
