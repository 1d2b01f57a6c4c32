# The two commands of the README are `make demo` and `make check`; both do all their own set-up.
# Another Python (3.11 or newer) has an environment of its own: make check PYTHON=python3.13 works in .venv-3.13.
PYTHON ?= python3
ifneq ($(PYTHON),python3)
version = $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
ifeq ($(version),)  # pyenv has a Python that isn't switched on in a folder of its version
override PYTHON := $(lastword $(PYTHON) $(sort $(wildcard $(PYENV_ROOT)/versions/$(PYTHON:python%=%).*/bin/$(PYTHON))))
endif
ifeq ($(version),)
$(error there is no $(PYTHON) here: make needs Python 3.11 or newer)
endif
VENV ?= .venv-$(version)
endif
VENV ?= .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
ARTICLE ?= examples/articles/governor_in_pyongyang.txt
PATHS := src tests benchmarks examples cassettes docs requirements .ci
INSTALL := $(PYTHON) requirements/install.py
unexport PYTHONDONTWRITEBYTECODE  # each worker of the tests and each process they start would compile all of it again

.PHONY: help demo check format-check lint types layers test docs fix ledger record model-test interop programs release-check release pins fresh clean
.DEFAULT_GOAL := help

help:  ## List the targets
	@awk -F ':.*## ' '/^##@ /{printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# A stamp is newer than the pins it was made from.
$(VENV)/demo.stamp $(VENV)/check.stamp: $(VENV)/%.stamp: requirements/%.txt requirements/install.py pyproject.toml
	$(INSTALL) $(VENV) $< --editable
	@touch $@

$(VENV)/interop.stamp: requirements/interop.txt $(VENV)/check.stamp
	$(INSTALL) $(VENV) $<
	@touch $@

##@ Try it
demo: $(VENV)/demo.stamp  ## Read an example article with the embedded model
	$(BIN)/communique extract $(ARTICLE) --format text

##@ Before each commit
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
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

test: $(VENV)/check.stamp  ## Run the tests: no network, no model
	$(BIN)/python -m pytest -n 3 -q -m "not model and not release" $(ARGS)

fix: $(VENV)/check.stamp  ## Repair format and lint where a tool can
	$(BIN)/ruff format $(wildcard $(PATHS))
	$(BIN)/ruff check --fix $(wildcard $(PATHS))
	$(BIN)/python docs/write_cli_reference.py
	$(BIN)/python docs/write_vocabulary.py
	$(BIN)/python docs/write_map.py
	$(BIN)/python docs/write_reasons.py
	$(BIN)/python docs/write_json_schema.py

##@ More tests
model-test: $(VENV)/demo.stamp $(VENV)/check.stamp  ## Run the tests that need the embedded model
	$(BIN)/python -m pytest -q -m model

programs:
	@requirements/programs.sh

interop: programs $(VENV)/interop.stamp  ## Run the tests of extras and programs: outputs, Ray, events, lists, the review in Chromium
	COMMUNIQUE_NO_SKIP=1 $(BIN)/python -m pytest -q tests/sinks tests/batch/test_ray.py tests/events tests/screening tests/review tests/docs \
		tests/schemas/test_frames.py tests/test_public_api.py

release-check: $(VENV)/check.stamp  ## Build, install the wheel into a bare environment, try it
	$(BIN)/python -m pytest -q -m release tests/release

##@ Measure and record
# The counts of the shared corpora stay as they are; those of our own articles are counted again.
ledger: $(VENV)/check.stamp  ## Count again how often each rule speaks of right and of wrong records
	$(BIN)/python benchmarks/verdicts.py benchmarks/corpus --gold benchmarks/corpus/gold --ledger benchmarks/ledger.json --name corpus
	$(BIN)/python benchmarks/verdicts.py benchmarks/implied --gold benchmarks/implied/gold --ledger benchmarks/ledger.json --name implied
	$(BIN)/python benchmarks/verdicts.py tests/gold --ledger benchmarks/ledger.json --name gold
	$(BIN)/python benchmarks/verdicts.py benchmarks/adapter/articles --ledger benchmarks/ledger.json --name training
	$(BIN)/python docs/write_reasons.py

record: $(VENV)/demo.stamp $(VENV)/check.stamp  ## Record the cassettes again with the embedded model (says how long)
	$(BIN)/python cassettes/record.py

##@ Maintain
# uv takes no index from this machine's settings. What is pinned stays where it fits: make pins ARGS=--upgrade takes the newest.
COMPILE := env -u UV_INDEX -u UV_DEFAULT_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS .venv-pins/bin/uv \
  pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes --strip-extras --no-header --no-annotate

.venv-pins/pins.stamp: requirements/pins.txt requirements/install.py
	$(INSTALL) .venv-pins $<
	@touch $@

pins: .venv-pins/pins.stamp  ## Resolve and hash all packages again
	$(COMPILE) pyproject.toml --extra local --extra readers --extra parquet --extra html --extra xlsx --extra otel --extra mcp --extra review \
	  --group build --group test --group check --group docs $(ARGS) -o requirements/check.txt
	$(COMPILE) pyproject.toml --extra local --extra model --group build -c requirements/check.txt $(ARGS) -o requirements/demo.txt
	$(COMPILE) pyproject.toml --extra events --extra screening --group interop -c requirements/check.txt $(ARGS) -o requirements/interop.txt
	$(COMPILE) --group pins $(ARGS) -o requirements/pins.txt

fresh: .venv-pins/pins.stamp $(VENV)/check.stamp  ## Test the pins, the oldest and the newest versions; writes docs/reference/tested-versions.md
	$(PYTHON) requirements/fresh.py $(VENV) $(ARGS)

release: check release-check  ## Check everything, build into dist/ and tag the version
	$(BIN)/python .ci/release.py

clean:  ## Remove what the targets made
	rm -rf $(VENV) .venv .venv-* site .mypy_cache .ruff_cache .pytest_cache
