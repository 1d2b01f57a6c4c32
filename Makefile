# The two commands of the README are `make demo` and `make check`; both do all their own set-up.
# Set PYTHON to use another interpreter (3.11 or newer): make demo PYTHON=python3.12
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ARTICLE ?= examples/articles/governor_in_pyongyang.txt
PATHS := src tests benchmarks examples cassettes docs .ci
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

.PHONY: help demo check format-check lint types layers test docs fix record model-test release-check pins clean
.DEFAULT_GOAL := help

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# A stamp is newer than the pins it was made from; --no-deps since the pins hold everything, hashed.
$(VENV)/demo.stamp: requirements/demo.txt pyproject.toml | $(BIN)/python
	$(PIP) install -qq --require-hashes -r requirements/demo.txt
	$(PIP) install -qq --no-deps --no-build-isolation --force-reinstall -e .
	@touch $@

$(VENV)/check.stamp: requirements/check.txt pyproject.toml | $(BIN)/python
	$(PIP) install -qq --require-hashes -r requirements/check.txt
	$(PIP) install -qq --no-deps --no-build-isolation --force-reinstall -e .
	@touch $@

$(VENV)/interop.stamp: requirements/interop.txt $(VENV)/check.stamp
	$(PIP) install -qq --require-hashes -r requirements/interop.txt
	@touch $@

demo: $(VENV)/demo.stamp  ## Read an example article with the embedded model
	$(BIN)/communique extract $(ARTICLE) --format text

check: format-check lint types layers docs test  ## Run every check and test

format-check: $(VENV)/check.stamp
	$(BIN)/ruff format --check $(wildcard $(PATHS))

lint: $(VENV)/check.stamp
	$(BIN)/ruff check $(wildcard $(PATHS))

types: $(VENV)/check.stamp
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python

layers: $(VENV)/check.stamp
	$(BIN)/lint-imports

docs: $(VENV)/check.stamp  ## Build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

test: $(VENV)/check.stamp  ## Run the tests: no network, no model
	$(BIN)/python -m pytest -n 2 -q -m "not model and not release" $(ARGS)

model-test: $(VENV)/demo.stamp $(VENV)/check.stamp  ## Run the tests that need the embedded model
	$(BIN)/python -m pytest -q -m model

interop: $(VENV)/interop.stamp  ## Try the outputs in Chromium, LibreOffice, followthemoney and duckdb, and Ray; nothing may skip
	COMMUNIQUE_NO_SKIP=1 $(BIN)/python -m pytest -q tests/sinks tests/batch/test_ray_data.py

release-check: $(VENV)/check.stamp  ## Build, install the wheel into a bare environment, try it
	$(BIN)/python -m pytest -q -m release tests/release

fix: $(VENV)/check.stamp  ## Repair format and lint where a tool can
	$(BIN)/ruff format $(wildcard $(PATHS))
	$(BIN)/ruff check --fix $(wildcard $(PATHS))
	$(BIN)/python docs/write_cli_reference.py

record: $(VENV)/demo.stamp $(VENV)/check.stamp  ## Record the cassettes again with the embedded model
	$(BIN)/python cassettes/record.py

pins: ## Resolve and hash all packages again (needs pip-tools)
	requirements/compile.sh

clean:  ## Remove what the targets made
	rm -rf $(VENV) site .mypy_cache .ruff_cache .pytest_cache
