#!/usr/bin/env bash
# Checks and times the GPU code on a machine with a GPU; see tools/gpu_check.sh. Continues after a
# failure; exit status 1 if a step failed.
set -uo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
steps=(machine cpu tests memcheck racecheck initcheck training same_bits both accuracy speed passes digits benchmarks pytorch)

usage() {
  cat <<TEXT
usage: run.sh [--only STEP,...] [--skip STEP,...] [--rows N] [--output FOLDER] [--build FOLDER]
              [--device gpu|cpu]

  --only, --skip   select among the steps: ${steps[*]}
  --rows N         rows of the data set of the step passes (default: 200000)
  --output FOLDER  folder for logs, data and runs (default: ./gpu_check_results)
  --device cpu     try the steps on a machine without a GPU
  --build FOLDER   folder of bin, lib and tests (default: the bundle, or build/release)

Steps that need a GPU are skipped, with the reason, if the program finds none.
TEXT
}

root=$here
[ -d "$root/bin" ] || root=$here/../../build/release
device=gpu only='' skip='' rows=200000 output=$PWD/gpu_check_results
while [ $# -gt 0 ]; do
  if [ "$1" = -h ] || [ "$1" = --help ]; then usage && exit 0; fi
  if [ $# -lt 2 ]; then usage >&2 && exit 2; fi
  case $1 in
    --only) only=$2 ;;
    --skip) skip=$2 ;;
    --rows) rows=$2 ;;
    --output) output=$2 ;;
    --build) root=$2 ;;
    --device) device=$2 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift 2
done
root=$(cd -P -- "$root" && pwd) || exit 2
mkdir -p -- "$output" && output=$(cd -P -- "$output" && pwd) || exit 2
cd -- "$output" || exit 2

# ---- environment ------------------------------------------------------------------------------

# Prints the folders of the CUDA libraries, of the toolkit or of Python packages.
cuda_folders() {
  local library folder
  for library in $(cat "$root/cuda_libraries" 2>/dev/null || echo libcublas.so libnccl.so.2); do
    for folder in /usr/local/cuda/lib64 /usr/local/cuda*/lib64 /usr/lib/x86_64-linux-gnu; do
      if [ -e "$folder/$library" ]; then echo "$folder" && continue 2; fi
    done
    find /opt /usr/local /usr/lib -name "$library*" -printf '%h\n' 2>/dev/null | head -n 1
  done
}
own_libraries=
if [ -d "$root/openmpi" ]; then
  # A relocated Open MPI needs these to find its parts.
  export OPAL_PREFIX=$root/openmpi OPAL_PKGDATADIR=$root/openmpi/share/openmpi
  export OPAL_LIBDIR=$root/openmpi OPAL_PKGLIBDIR=$root/openmpi/plugins
  export OMPI_MCA_mca_base_component_path=$root/openmpi/plugins
  export PMIX_INSTALL_PREFIX=$root/openmpi PMIX_MCA_mca_base_component_path=$root/openmpi/pmix
  mpirun=$root/openmpi/bin/mpirun
  own_libraries=$root/lib
else
  mpirun=$(command -v mpirun)
fi
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_plm=isolated
export OMPI_MCA_pml=ob1 OMPI_MCA_btl=self,vader OMPI_MCA_btl_vader_single_copy_mechanism=none
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
export OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_ess_singleton_isolated=1

# Only the bundled programs use the bundled libraries; the machine's Python has its own.
search=$own_libraries:$(cuda_folders | sort -u | paste -sd:):${LD_LIBRARY_PATH:-}
ours() { LD_LIBRARY_PATH=$search "$@"; }
# The machine's compiler libraries are preferred, unless they are missing or older.
if [ -d "$root/lib/compiler" ] && ! ours "$root/bin/annmpi-predict" --help >/dev/null 2>&1; then
  search=$root/lib/compiler:$search
fi
# annmpi RANKS NAME ARGUMENTS...: trains into runs/NAME.
annmpi() {
  local ranks=$1 name=$2
  shift 2
  ours timeout 300 "$mpirun" -n "$ranks" "$root/bin/annmpi" --config galaxy.toml --output "runs/$name" \
    --overwrite "$@"
}
hash_of() { sed -n 's/.*"parameters_hash": "\([^"]*\)".*/\1/p' "runs/$1/summary.json"; }
say() { printf 'RESULT: %s\n' "$*"; }

cat >galaxy.toml <<TEXT
[data]
train = "$output/train.h5"
test = "$output/test.h5"
[model]
l2 = 1
TEXT
galaxies() { [ -e "$1" ] || ours "$root/bin/annmpi-data" galaxies "$1" --rows "$2" --seed "$3" >/dev/null; }
galaxies train.h5 2700 1 && galaxies test.h5 675 2

gpu_trouble=
if ! said=$(annmpi 1 found --check --set compute.device="$device" 2>&1); then
  gpu_trouble=$(sed -n 's/^annmpi: error: //p' <<<"$said" | head -n 1)
  gpu_trouble=${gpu_trouble:-$(tail -n 1 <<<"$said")}
fi

# ---- steps: each prints its result on a line that begins with RESULT: -------------------------

machine() {
  uname -a
  command -v nvidia-smi && nvidia-smi
  echo "libraries: $search"
  [ -z "$gpu_trouble" ] || echo "no usable GPU: $gpu_trouble"
  say "$(nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null |
    head -n 1 || echo 'no nvidia-smi'), $(nproc) cores"
}

cpu() {
  local ranks
  for ranks in 1 2; do
    annmpi "$ranks" "cpu$ranks" --max-iterations 30 --set compute.device=cpu || return
  done
  # Without mpirun, as compute-sanitizer starts it.
  ours "$root/bin/annmpi" --config galaxy.toml --output runs/cpu0 --overwrite --max-iterations 30 \
    --set compute.device=cpu || return
  say "30 iterations on 1 and 2 ranks, and without mpirun: $(hash_of cpu1), $(hash_of cpu2), $(hash_of cpu0)"
  [ "$(hash_of cpu1)" = "$(hash_of cpu2)" ] && [ "$(hash_of cpu1)" = "$(hash_of cpu0)" ]
}

gpu_tests() { compgen -G "$root/tests/test_gpu*"; }
tests() {
  local program ranks failed='' passed=''
  gpu_tests >/dev/null || { say "this build has no GPU tests" && return 77; }
  for program in $(gpu_tests); do
    # Tests of whole training runs use several ranks, which share the GPU here.
    ranks=1
    case $program in *_training) ranks=2 ;; esac
    echo "== $program, ranks: $ranks"
    if ours timeout 300 "$mpirun" -n "$ranks" "$program"; then
      passed="$passed $(basename "$program")"
    else
      failed="$failed $(basename "$program")"
    fi
  done
  say "passed:$passed${failed:+; FAILED:$failed}; skipped cases: $(grep -c '\[  SKIPPED \] .*ms)' "$output/tests.log")"
  [ -z "$failed" ]
}

sanitize() { # TOOL
  local sanitizer program failed=0 watched=0
  sanitizer=$(command -v compute-sanitizer || compgen -G '/usr/local/cuda*/bin/compute-sanitizer' | head -n 1)
  [ -n "$sanitizer" ] || { say "compute-sanitizer is not installed" && return 77; }
  gpu_tests >/dev/null || { say "this build has no GPU tests" && return 77; }
  for program in $(gpu_tests); do
    case $program in *_training) continue ;; esac # the run below covers training
    watched=$((watched + 1))
    ours timeout 240 "$sanitizer" --tool "$1" --error-exitcode 9 --kill "$program" \
      "--gtest_filter=${SANITIZER_FILTER:-*}" || failed=$((failed + 1))
  done
  ours timeout 200 "$sanitizer" --tool "$1" --error-exitcode 9 "$root/bin/annmpi" --config galaxy.toml \
    --output "runs/$1" --overwrite --max-iterations 3 --set compute.device="$device" || failed=$((failed + 1))
  say "$watched test programs and 3 iterations of the galaxies; with errors: $failed"
  [ $failed = 0 ]
}
memcheck() { sanitize memcheck; }
racecheck() { sanitize racecheck; }
initcheck() { sanitize initcheck; }

training() {
  annmpi 1 gpu --max-iterations 600 --set compute.device="$device" || return
  say "$(grep -E '^ *final' "$output/training.log" | head -n 1 | tr -s ' ')"
}

same_bits() {
  local precision ranks hashes all=
  for precision in float64 mixed; do
    for ranks in 1 2 3; do
      # Small chunks, so that every rank has some.
      annmpi "$ranks" "gpu$ranks$precision" --max-iterations 60 --set compute.device="$device" \
        compute.precision=$precision compute.chunk_rows=512 || return
    done
    hashes=$(for ranks in 1 2 3; do hash_of "gpu$ranks$precision"; done | sort -u | wc -l)
    all="$all$precision: $hashes hash of 1, 2 and 3 ranks; "
    [ "$hashes" = 1 ] || { say "$all" && return 1; }
  done
  say "${all%; }"
}

# farthest A B ROWS: the largest relative difference of training costs in the first ROWS rows.
farthest() {
  paste -d, "runs/$1/metrics.csv" "runs/$2/metrics.csv" | awk -F, -v rows="$3" '
    NR > 1 && NR <= rows + 1 { d = ($4 - $13) / $13; if (d < 0) d = -d; if (d > most) most = d }
    END { printf "%.3g\n", most }'
}
accuracy() {
  local precision limit far failed=0 all=
  for precision in float64 mixed; do
    # Conjugate gradients amplify the last bit by a factor of ten about every seven iterations.
    limit=1e-9
    [ $precision = float64 ] || limit=1e-3
    annmpi 1 "near_cpu$precision" --max-iterations 15 --set compute.device=cpu compute.precision=float64 || return
    annmpi 1 "near_gpu$precision" --max-iterations 15 --set compute.device="$device" compute.precision=$precision || return
    far=$(farthest "near_gpu$precision" "near_cpu$precision" 16)
    all="$all$precision $far (at most $limit); "
    awk -v a="$far" -v b="$limit" 'BEGIN { exit !(a <= b) }' || failed=1
  done
  say "costs of 15 iterations against the CPU in float64: ${all%; }"
  return $failed
}

# beside_cpu NAME SETTINGS...: like annmpi on two ranks, with the GPU hidden from the second.
beside_cpu() {
  local name=$1 command
  shift
  command=("$root/bin/annmpi" --config galaxy.toml --output "runs/$name" --overwrite --max-iterations 15 --set "$@")
  ours timeout 300 "$mpirun" -n 1 "${command[@]}" : -n 1 env CUDA_VISIBLE_DEVICES= "${command[@]}"
}
both() {
  local shares far
  [ "$device" = gpu ] || { say "needs a GPU beside a CPU" && return 77; }
  annmpi 1 both_cpu --max-iterations 15 --set compute.device=cpu || return
  beside_cpu both compute.device=auto || return
  shares=$(sed -n 's/.*compute.shares = \(\[.*\]\) deals.*/\1/p' "$output/both.log")
  beside_cpu both_again compute.device=auto compute.shares="$shares" || return
  # Most rows on the CPU, so that both ranks have some.
  beside_cpu both_even compute.device=auto compute.shares="[1, 2]" || return
  far=$(farthest both_even both_cpu 16)
  say "a GPU rank and a CPU rank, shares $shares: $(hash_of both), again $(hash_of both_again); shares [1, 2]:" \
    "costs of 15 iterations $far from the CPU's (at most 1e-9)"
  [ "$(hash_of both)" = "$(hash_of both_again)" ] && awk -v far="$far" 'BEGIN { exit !(far <= 1e-9) }'
}

seconds_of() { sed -n 's/.*"training": \([0-9.e+-]*\).*/\1/p' "runs/$1/summary.json" | head -n 1; }
speed() {
  local begin each whole
  annmpi 1 warm --max-iterations 5 --set compute.device="$device" || return
  annmpi 1 speed --max-iterations 600 --set compute.device="$device" || return
  begin=$(date +%s%N)
  annmpi 1 whole --max-iterations 300 --set compute.device="$device" --quiet || return
  whole=$(awk -v ns=$(($(date +%s%N) - begin)) 'BEGIN { printf "%.2f", ns / 1e9 }')
  each=$(awk -v s="$(seconds_of speed)" -v n="$(sed -n 's/.*"iterations": \([0-9]*\).*/\1/p' runs/speed/summary.json |
    head -n 1)" 'BEGIN { printf "%.1f", 1e6 * s / n }')
  say "galaxies: $each us per iteration (target 80), program with 300 iterations $whole s (target 1.5)"
}

# rate_of RUN PHASE: GFLOP/s.
rate_of() {
  awk -v phase="\"name\": \"$2\"" 'index($0, phase) { here = 1 } here && /gflops_per_second/ { rate = 1 }
    rate && /"median"/ { sub(/.*: /, ""); printf "%.0f", $0; exit }' "runs/$1/summary.json"
}
# loading NAME: seconds, and GB/s of features.
loading() {
  awk -v name="$1" -v bytes="$((rows * 1024))" '/"loading"/ { gsub(/[^0-9.e+-]/, ""); seconds = $0 + 0 }
    END { if (seconds > 0) printf "%s %.3f s, %.1f GB/s", name, seconds, bytes / seconds / 1e9 }' "runs/$1/summary.json"
}
passes() {
  local hidden precision all=
  galaxies large.h5 "$rows" 3 || return
  for hidden in 8 32 512; do
    for precision in float64 mixed; do
      annmpi 1 "passes$hidden$precision" --max-iterations 10 --set data.train=large.h5 data.test=train.h5 \
        "model.hidden=[$hidden]" compute.device="$device" compute.precision=$precision || return
      all="$all h=$hidden $precision aim $(rate_of "passes$hidden$precision" aim), gradient"
      all="$all $(rate_of "passes$hidden$precision" gradient) GFLOP/s;"
    done
  done
  annmpi 1 load_cpu --max-iterations 1 --set data.train=large.h5 data.test=train.h5 compute.device=cpu || return
  # Narrow layers over floats and doubles, read once and on converted tiles.
  local narrow=$root/tests/bench_gpu_narrow summary=
  if [ "$device" = gpu ] && [ -x "$narrow" ]; then
    ours timeout 200 "$narrow" "$rows" | tee narrow.txt || return
    summary=$(sed -n 's/^SUMMARY: //p' narrow.txt | tail -n 6 | paste -sd';')
  fi
  say "$rows rows, 10 iterations:${all%;}; loading: $(loading passes512mixed), $(loading load_cpu) (times in passes.log)${summary:+; floats and doubles, forward + backward: $summary}"
}

# Like MNIST for timing: 60,000 images of 784 bytes, most of them 0, in 10 classes.
digits_like() {
  [ ! -e digits.h5 ] || return 0
  { printf '\0\0\010\003\0\0\352\140\0\0\0\034\0\0\0\034' &&
    head -c 47040000 /dev/urandom | tr '\000-\317' '\0'; } >digits-images || return
  { printf '\0\0\010\001\0\0\352\140' &&
    yes "$(printf 'x\001\002\003\004\005\006\007\010\011')" | tr -d '\n' | tr x '\0' | head -c 60000; } >digits-labels
  ours "$root/bin/annmpi-data" idx digits-images digits-labels digits.h5 >/dev/null && rm digits-images digits-labels
}
# seconds_in RUN PHASE: seconds of the phase in the whole run.
seconds_in() {
  awk -v phase="\"name\": \"$2\"" 'index($0, phase) { here = 1 } here && /"seconds"/ { inside = 1 }
    inside && /"median"/ { sub(/.*: /, ""); print $0 + 0; exit }' "runs/$1/summary.json"
}
digits() {
  local precision all='' epochs=${DIGITS_EPOCHS:-10}
  digits_like || return
  cat >digits.toml <<TEXT
[data]
train = "$output/digits.h5"
[model]
hidden = [512, 256]
hidden_activation = "relu"
output = "softmax"
init = "glorot"
[optimizer]
kind = "adam"
batch_size = 1024
epochs = $epochs
TEXT
  for precision in mixed float64; do
    ours timeout 300 "$mpirun" -n 1 "$root/bin/annmpi" --config digits.toml --output "runs/digits$precision" \
      --overwrite --profile --set compute.device="$device" compute.precision=$precision || return
    all="$all $precision $(awk -v s="$(seconds_in "digits$precision" steps)" -v w="$(seconds_of "digits$precision")" \
      -v n="$epochs" 'BEGIN { printf "%.2f ms of steps (%.1f us each), %.2f ms with measuring", 1e3 * s / n, 1e6 * s / n / 59, 1e3 * w / n }');"
  done
  ours timeout 300 "$mpirun" -n 1 "$root/bin/annmpi" --config digits.toml --output runs/digits_streamed \
    --overwrite --set compute.device="$device" compute.precision=mixed data.streaming=true || return
  all="$all streamed from the file $(awk -v s="$(seconds_of digits_streamed)" -v n="$epochs" \
    'BEGIN { printf "%.1f ms with measuring, mixed", 1e3 * s / n }');"
  say "an epoch of Adam, 784-512-256-10, batches of 1024:${all%;} (target in mixed: 0.7 of PyTorch's time below);" \
    "mixed in memory and streamed: $(hash_of digitsmixed), $(hash_of digits_streamed)"
  [ "$(hash_of digitsmixed)" = "$(hash_of digits_streamed)" ]
}

benchmarks() {
  local program ran=
  for program in "$root"/tests/bench_gpu*; do
    [ -x "$program" ] || continue
    ours timeout 300 "$program" || return
    ran="$ran $(basename "$program")"
  done
  [ -n "$ran" ] || { say "this build has no GPU benchmarks" && return 77; }
  say "ran$ran"
}

pytorch() {
  local python=
  for candidate in python3 /opt/torch/.venv/bin/python3; do
    if "$candidate" -c 'import torch' 2>/dev/null; then python=$candidate && break; fi
  done
  [ -n "$python" ] || { say "torch cannot be imported" && return 77; }
  timeout 240 "$python" "$here/pytorch_peer.py" "${device/gpu/cuda}"
}

# ---- the table --------------------------------------------------------------------------------

table=() failures=0
perform() { # STEP NEEDS
  local name=$1 status begin=$SECONDS verdict words
  if [[ -n $only && ,$only, != *,$name,* ]] || [[ ,$skip, == *,$name,* ]]; then return; fi
  printf '==> %s\n' "$name"
  if [ "$2" = gpu ] && [ -n "$gpu_trouble" ]; then
    verdict=skipped words='no usable GPU'
  else
    ("$name") >"$output/$name.log" 2>&1
    status=$?
    words=$(sed -n 's/^RESULT: //p' "$output/$name.log" | tail -n 1)
    case $status in
      0) verdict=ok ;;
      77) verdict=skipped ;;
      *)
        verdict=FAILED failures=$((failures + 1))
        words="$words (status $status; $(grep -v '^RESULT' "$output/$name.log" | grep . | tail -n 1 | cut -c 1-160))"
        ;;
    esac
  fi
  table+=("$(printf '%-10s  %-7s  %4d s  %s' "$name" "$verdict" $((SECONDS - begin)) "$words")")
}

for step in "${steps[@]}"; do
  case $step in machine | cpu) perform "$step" nothing ;; *) perform "$step" gpu ;; esac
done
printf '\nLogs in %s\n' "$output"
[ -z "$gpu_trouble" ] || table+=("no usable GPU: $gpu_trouble")
printf '%s\n' "${table[@]}" | tee "$output/table.txt"
[ $failures = 0 ]
