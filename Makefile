# Everything a person does with this checkout. `make demo` and `make test` install what they need themselves.
# Written for make 3.81 and bash 3.2, which is what macOS has.

SHELL := /bin/bash
BASE_PYTHON := $(shell for python in "$$PYTHON" python3.13 python3.12 python3.11 python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$python"; break; }; done)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help install demo demo-down test lint unit servers integration chaos bench compat sandbox-cross crds requirements clean

help:
	@echo "make demo           a federation of real API servers, shown step by step (make demo-down removes it)"
	@echo "make test           everything CI runs"
	@echo "make chaos          every fault and every bad input against real API servers, judged (an hour)"
	@echo "make bench          the benchmark, with its ranges"
	@echo "make compat         what holds of KubeFed's API and behaviour, row by row, on its CRDs and on ours"
	@echo "make install        the virtual environment in .venv, with kubefed and fedctl in .venv/bin"
	@echo "make unit           the tests that need no server"
	@echo "make lint           style, types, import contracts, shell scripts"
	@echo "make crds           write crds/ from the models, and what the chart takes from us"
	@echo "make requirements   resolve the pinned requirements anew"
	@echo "make sandbox-cross  compile the sandbox's servers for Linux and macOS"

install: $(READY)

$(READY): requirements/dev.txt pyproject.toml kubefed/version.py
	@if [ -z "$(BASE_PYTHON)" ]; then \
		echo "Python 3.11 or newer is needed and was not found: install it, or name it with PYTHON=/path/to/python3" >&2; exit 1; fi
	@echo "Installing into .venv (Python packages, pinned by hash)"
	@test -x $(BIN)/python || $(BASE_PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY)
	@$(BIN)/fedctl demo up

demo-down: $(READY)
	@$(BIN)/fedctl demo down

test: lint unit servers integration

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m kubefed.api.generate --check
	$(BIN)/python -m fedctl.chart.generate --check
	$(BIN)/shellcheck scripts/*.sh .ci/run

unit: $(READY)
	$(BIN)/python -m pytest tests/unit -q

servers: $(READY)
	@$(BIN)/fedctl sandbox build

integration: $(READY) servers
	$(BIN)/python -m pytest tests/integration tests/e2e -q
	$(BIN)/python -m pytest tests/chaos -q -m subset

chaos: $(READY) servers
	$(BIN)/python -m pytest tests/chaos -v

bench: $(READY) servers
	@$(BIN)/python -m bench

compat: $(READY) servers
	@$(BIN)/python -m tests.compat

sandbox-cross: $(READY)
	@$(BIN)/fedctl sandbox build --cross

crds: $(READY)
	@$(BIN)/python -m kubefed.api.generate
	@$(BIN)/python -m fedctl.chart.generate

requirements: $(READY)
	@scripts/pin-requirements.sh

clean:
	rm -rf .venv build dist
