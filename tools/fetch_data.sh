#!/usr/bin/env bash
# Downloads real data sets from their public servers.
set -euo pipefail
# shellcheck source=tools/setup_common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/setup_common.sh"

usage() {
  cat <<'TEXT'
usage: tools/fetch_data.sh galaxy|mnist [--from URL-OR-FOLDER] [--to FOLDER] [--bin FOLDER]
                           [--sums FILE] [--force]

galaxy  2,700 + 675 images of galaxies, 32 x 32 (13 MB; derived from Galaxy Zoo 2, Willett et al. 2013,
        MNRAS 435, 2835, by P. Mocz): galaxy_train and galaxy_test, .csv and .h5
mnist   60,000 + 10,000 handwritten digits, 28 x 28 (11 MB): mnist_train.h5 and mnist_test.h5, and the
        original files in mnist/

Downloads into data/, verifies the SHA-256 of every file and converts the files to HDF5 with
annmpi-data. Files appear in data/ only when all of them are complete and verified. Files made by
tools/quickstart.sh are replaced; other files with the same names are not.

  --from PLACE  read the same files from a folder, a file:// or an http(s):// URL
  --to FOLDER   write here instead of data/
  --bin FOLDER  folder of annmpi-data (default: build/release/bin, else the search path)
  --sums FILE   SHA-256 sums in the format of sha256sum, for other editions of the files
  --force       also replace files of unknown origin

Exit status: 0 done, 1 something failed, 2 wrong usage.
TEXT
}

# SHA-256 of the files. Those of the galaxies and of t10k were computed from copies of the files; those of
# t10k also equal the published ones. Those of train- are from several independent public listings that
# agree, not from the files.
known_sums='
c014d3e4ad0ec15edb33dbcb742a7f0da1d95d2af1deca975442fdca73373d0a  train.csv
233610481a8a9f33a6f4a317e361eebed55a6312a4c8d7c863e6d16252c5da25  test.csv
440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609  train-images-idx3-ubyte.gz
3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c  train-labels-idx1-ubyte.gz
8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6  t10k-images-idx3-ubyte.gz
f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6  t10k-labels-idx1-ubyte.gz
'
# The galaxies at a fixed commit, then at the newest one as a fallback: only test.csv has been confirmed
# at the fixed commit, not train.csv. The sums decide what is accepted.
galaxy_repository=https://raw.githubusercontent.com/pmocz/artificialneuralnetwork-python
galaxy_places=("$galaxy_repository/1a448e42f10ea769f23a277d5d9fbbd2902b7951" "$galaxy_repository/HEAD")
mnist_places=(https://ossci-datasets.s3.amazonaws.com/mnist
  https://storage.googleapis.com/cvdf-datasets/mnist)

fetched_from='' # the place where the last file was found
set_name='' from='' to=$annmpi_root/data bin='' sums=$known_sums force=no
while [ $# -gt 0 ]; do
  case $1 in
    galaxy | mnist) [ -z "$set_name" ] || misuse "one data set at a time" && set_name=$1 ;;
    --from) option_value "$@" && from=$value && shift ;;
    --to) option_value "$@" && to=$value && shift ;;
    --bin) option_value "$@" && bin=$value && shift ;;
    --sums)
      option_value "$@" && shift
      [ -r "$value" ] || misuse "--sums: $value cannot be read"
      sums=$(cat -- "$value")
      ;;
    --force) force=yes ;;
    -h | --help) usage && exit 0 ;;
    *) misuse "unknown argument '$1'" ;;
  esac
  shift
done
[ -n "$set_name" ] || misuse "name a data set: galaxy or mnist"

case $set_name in # files: the name at the source | the name in the folder
  galaxy)
    places=("${galaxy_places[@]}")
    files=("train.csv|galaxy_train.csv" "test.csv|galaxy_test.csv")
    ;;
  mnist)
    places=("${mnist_places[@]}")
    files=()
    for part in train-images-idx3 train-labels-idx1 t10k-images-idx3 t10k-labels-idx1; do
      files+=("$part-ubyte.gz|mnist/$part-ubyte.gz")
    done
    ;;
esac
origin=$set_name.origin # one line: where the set came from
case $from in
  "") ;;
  http://* | https://* | file://*) places=("${from%/}") ;;
  *://*) misuse "--from: only folders, file://, http:// and https:// are known, not '$from'" ;;
  *)
    [ -d "$from" ] || misuse "--from: $from is not a folder"
    places=("$(cd -- "$from" && pwd)")
    ;;
esac

sha256() { sha256sum -- "$1" | cut -d ' ' -f 1; }
expected_sum() { # of the file of that name at the source
  awk -v name="$1" '{ sub(/^\*/, "", $2) } $2 == name { print $1; exit }' <<<"$sums"
}

# get PLACE NAME FILE: copies one file from a folder or a URL.
get() {
  case $1 in
    http://* | https://*)
      if have curl; then
        curl --fail --silent --show-error --location --retry 3 --connect-timeout 20 \
          --speed-limit 1000 --speed-time 60 --output "$3" "$1/$2"
      elif have wget; then
        wget --no-verbose --tries=3 --timeout=60 --output-document="$3" "$1/$2"
      else
        echo "neither curl nor wget is installed (sudo apt-get install curl)" >&2
        return 1
      fi
      ;;
    file://*) cp -- "${1#file://}/$2" "$3" ;;
    *) cp -- "$1/$2" "$3" ;;
  esac
}

# fetch NAME FILE: downloads from the first place that has the file, and verifies it.
fetch() {
  local place expected found
  expected=$(expected_sum "$1")
  [[ $expected =~ ^[0-9a-f]{64}$ ]] || fail "no SHA-256 is known for $1, so it cannot be verified and is not used"
  for place in "${places[@]}"; do
    note "$place/$1"
    if ! get "$place" "$1" "$2" 2>"$work/trouble"; then
      note "  not received: $(tail -n 1 "$work/trouble")"
      continue
    fi
    found=$(sha256 "$2")
    [ "$found" = "$expected" ] && fetched_from=$place && return
    note "  received, but it is not the expected file: SHA-256 $found instead of $expected"
  done
  fail "$1 could not be fetched from ${places[*]}; nothing was kept; name another place with --from"
}

to=$(mkdir -p -- "$to" && cd -- "$to" && pwd) || fail "$to cannot be created"
[ -n "$bin" ] || bin=$annmpi_root/build/release/bin
converter=$bin/annmpi-data
[ -x "$converter" ] || converter=$(command -v annmpi-data || true)

# Which files exist already, and where do they come from?
present=yes
for entry in "${files[@]}"; do
  kept=$to/${entry#*|}
  [ -e "$kept" ] && [ "$(sha256 "$kept")" = "$(expected_sum "${entry%%|*}")" ] || present=no
done
for name in "$set_name"_train.h5 "$set_name"_test.h5; do [ -e "$to/$name" ] || present=no; done
recorded=$(cat -- "$to/$origin" 2>/dev/null || true)
if [ "$present" = yes ] && [[ $recorded == "fetched "* ]]; then
  say "The data set $set_name is in $to already."
  exit 0
fi
if [ "$force" = no ] && [[ $recorded != embedded* ]] && [[ $recorded != "fetched "* ]]; then
  for name in "${files[@]#*|}" "$set_name"_train.h5 "$set_name"_test.h5; do
    [ ! -e "$to/$name" ] || fail "$to/$name exists and its origin is unknown; move it, or give --force"
  done
fi

work=$(mktemp -d "$to/.fetch.XXXXXX")
trap 'rm -rf -- "$work"' EXIT
trap 'exit 130' INT TERM HUP

step "Downloading $set_name into $to"
for entry in "${files[@]}"; do
  mkdir -p -- "$work/new/$(dirname -- "${entry#*|}")"
  fetch "${entry%%|*}" "$work/new/${entry#*|}"
done
note "All SHA-256 sums match."

step "Converting"
convert() {
  "$converter" "$@" >"$work/trouble" 2>&1 || fail "annmpi-data failed, nothing was kept: $(tail -n 3 "$work/trouble")"
}
if [ -z "$converter" ]; then
  note "annmpi-data is not built yet, so the files are not converted. Build it (tools/quickstart.sh, or"
  note "cmake --preset release && cmake --build build/release), then repeat this command."
else
  cd -- "$work/new"
  for part in train test; do
    case $set_name in
      galaxy) convert csv "galaxy_$part.csv" "galaxy_$part.h5" \
        --class-names elliptical,spiral,irregular --image-shape 32,32 ;;
      mnist) convert idx "mnist/${part/test/t10k}-images-idx3-ubyte.gz" \
        "mnist/${part/test/t10k}-labels-idx1-ubyte.gz" "mnist_$part.h5" ;;
    esac
    note "${set_name}_$part.h5"
  done
  cd -- "$to"
fi

# Everything is complete and verified: move it into place. Earlier converted files must not remain.
rm -f -- "$to/${set_name}_train.h5" "$to/${set_name}_test.h5"
printf 'fetched %s from %s\n' "$(date -u +%Y-%m-%d)" "$fetched_from" >"$work/new/$origin"
(cd -- "$work/new" && find . -type f -print0) | while IFS= read -r -d '' name; do
  mkdir -p -- "$to/$(dirname -- "$name")"
  mv -f -- "$work/new/$name" "$to/$name"
done
say
say "The data set $set_name is in $to."
