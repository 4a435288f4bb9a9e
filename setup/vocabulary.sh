#!/usr/bin/env bash
# vocabulary.sh PYTHON VERSION FILE: Qwen's vocabulary as GGUF, out of the source package of llama-cpp-python. Without a network the tests
# that need it skip.
set -euo pipefail
python=$1 version=$2 file=$3
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
if "$python" -m pip --disable-pip-version-check download -q --no-deps --no-binary :all: -d "$place" "llama-cpp-python==$version"; then
  tar -xzf "$place"/*.tar.gz -C "$place" --wildcards '*/models/ggml-vocab-qwen2.gguf'
  mkdir -p "$(dirname "$file")"
  mv "$place"/*/vendor/llama.cpp/models/ggml-vocab-qwen2.gguf "$file"
else
  echo "the source of llama-cpp-python cannot be fetched: tests of other models than SmolLM2 will skip" >&2
fi
