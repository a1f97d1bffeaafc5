#!/usr/bin/env bash
# From a fresh machine to a galaxy classifier trained by several MPI ranks.
set -euo pipefail
# shellcheck source=tools/setup_common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/setup_common.sh"

usage() {
  cat <<'TEXT'
usage: tools/quickstart.sh [--no-install] [--jobs N] [--ranks N]

Installs missing packages, builds annmpi into build/release, generates 2,700 galaxy images for training
and 675 for testing, trains the network of configs/galaxy.toml on them, evaluates it and draws a
figure. Except for the packages, all files are inside this folder.

  --no-install  install nothing; list the missing packages and stop
  --jobs N      processes for building (default: the number of cores)
  --ranks N     MPI ranks for training (default: 2)

The script can be repeated: the build is incremental, data sets in data/ are kept, and the previous run
in runs/quickstart is replaced. Exit status: 0 done, 1 something failed, 2 wrong usage.
TEXT
}

may_install=yes jobs=$(nproc) ranks=2
while [ $# -gt 0 ]; do
  case $1 in
    --no-install) may_install=no ;;
    --jobs) option_count "$@" && jobs=$value && shift ;;
    --ranks) option_count "$@" && ranks=$value && shift ;;
    -h | --help) usage && exit 0 ;;
    *) misuse "unknown argument '$1'" ;;
  esac
  shift
done

cd -- "$annmpi_root"
bin=$annmpi_root/build/release/bin
run=runs/quickstart
origin=data/galaxy.origin # one line: where the galaxies in data/ come from

say "annmpi, from the sources to a trained galaxy classifier, in $annmpi_root:"
say "packages, build, data, training on $ranks ranks, evaluation, figure."
say "The first run takes a few minutes, mostly for packages and the build; later runs take seconds."

step "1/6 Packages"
install_packages "$may_install" "${annmpi_build_packages[@]}" "${annmpi_figure_packages[@]}"

step "2/6 Building into build/release ($jobs processes)"
configure release
build release "$jobs" annmpi annmpi_data_program annmpi_predict_program
note "Done."

# galaxies SET ROWS SEED: creates data/galaxy_SET.h5 through a CSV file, unless it exists.
galaxies() {
  local name=data/galaxy_$1
  if [ -e "$name.h5" ]; then
    note "$name.h5 already exists and is kept."
    return
  fi
  if [ ! -e "$name.csv" ]; then
    # Synthetic galaxies ("embedded" in the origin file) must not be mixed with others.
    if [[ $(cat "$origin" 2>/dev/null) != embedded* ]] && compgen -G 'data/galaxy_*' >/dev/null; then
      fail "$name.csv is missing, and the other galaxies in data/ are not known to be synthetic;" \
        "run tools/fetch_data.sh galaxy, or remove data/galaxy*"
    fi
    printf 'embedded: made by tools/quickstart.sh with annmpi-data galaxies\n' >"$origin"
    run_logged "make-galaxy-$1" "$bin/annmpi-data" galaxies "$name.csv" --rows "$2" --seed "$3"
  fi
  run_logged "convert-galaxy-$1" "$bin/annmpi-data" csv "$name.csv" "$name.h5" \
    --class-names elliptical,spiral,irregular --image-shape 32,32
  note "$name.csv, $name.h5: $(($(wc -l <"$name.csv"))) galaxies"
}

step "3/6 Galaxies"
mkdir -p data runs
galaxies train 2700 1
galaxies test 675 2
case $(cat "$origin" 2>/dev/null) in
  embedded*) note "These are synthetic; for real ones run tools/fetch_data.sh galaxy" ;;
  "") note "Their origin is not recorded; remove data/galaxy* to generate them again." ;;
  *) note "$(head -n 1 "$origin")" ;;
esac

step "4/6 Training on $ranks ranks (configs/galaxy.toml)"
prepare_mpirun
run_shown train mpirun -n "$ranks" "$bin/annmpi" --config configs/galaxy.toml --output "$run" --overwrite

step "5/6 Evaluating on data/galaxy_test.h5"
run_shown evaluate "$bin/annmpi-predict" "$run/model.h5" data/galaxy_test.h5 --output "$run/predictions.csv" --force

step "6/6 Drawing"
run_logged figure tools/plot_run.py "$run" --output "$run/figure.png"

step "Done in $SECONDS s. Everything is in $annmpi_root:"
note "programs     build/release/bin"
note "data         data/galaxy_train.h5, data/galaxy_test.h5 (and .csv)"
note "the run      $run: config.toml, metrics.csv, model.h5, summary.json"
note "predictions  $run/predictions.csv"
note "figure       $run/figure.png"
note "logs         build/logs"
note "To train on 4 ranks:  mpirun -n 4 build/release/bin/annmpi --config configs/galaxy.toml"
