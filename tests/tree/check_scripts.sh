#!/usr/bin/env bash
# check_scripts.sh ROOT: shellcheck over every shell script of the tree; status 77 without shellcheck.
set -euo pipefail
cd -- "${1:?usage: check_scripts.sh ROOT}"
if ! command -v shellcheck >/dev/null; then
  echo "SKIPPED: shellcheck is not installed"
  exit 77
fi
scripts=(.ci/run)
while IFS= read -r -d '' script; do scripts+=("$script"); done < <(
  find tools jobs tests -type f \( -name '*.sh' -o -name '*.slurm' \) -print0 | sort -z)
echo "${#scripts[@]} scripts: ${scripts[*]}"
shellcheck --external-sources "${scripts[@]}"
