# Every target can be called first and again: what is there already is not made twice.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.9.30
STAMP := $(VENV)/.caseway-installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The certificates of the machine count, as they do for pip: many networks have one of their own.
export UV_NATIVE_TLS := 1

.PHONY: help setup run demo test check bench foreign mutations lock generate

help: ## say what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

setup: $(STAMP) ## make .venv from the lock file and obtain the Temporal server
	@$(BIN)/python -P -m cli.temporal

$(STAMP): requirements.lock pyproject.toml Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Caseway needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@test -x $(BIN)/python || { echo "Making $(VENV) ..."; $(PYTHON) -m venv $(VENV); }
	@echo "Installing the locked packages (about a minute) ..."
	@$(BIN)/python -m pip install --quiet "uv==$(UV_VERSION)"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes --requirement requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@# Also where the environment keeps Python from writing what it compiles: commands start in half the time.
	@$(BIN)/python -m compileall -q $(patsubst %/__init__.py,%,$(wildcard */__init__.py)) || true
	@touch $(STAMP)

run: setup ## set everything up and show one real case; stays up until Ctrl-C
	@$(BIN)/caseway up --demo

demo: setup ## the same, and end with the exit status of the story
	@$(BIN)/caseway up --demo --exit

test: setup ## everything that needs no root, a Temporal server included
	@$(BIN)/python -m pytest

check: setup ## format, lint, types, imports, generated files, definitions and rehearsals
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m tools.generate --check
	$(BIN)/caseway validate definitions
	$(BIN)/caseway rehearse definitions

bench: setup ## the figures, kept in docs/measurements.md
	@$(BIN)/python -m bench.results

foreign: setup ## the figures of cases that nobody here wrote, into docs/conformance.md
	@$(BIN)/python -m tests.foreign.report --page docs/conformance.md

mutations: setup ## what share of damaged definitions is found, by kind of damage
	@$(BIN)/python -m bench.mutations

generate: setup ## write the files that are made from others
	@$(BIN)/python -m tools.generate

lock: setup ## take the newest packages that fit pyproject.toml into the lock file
	@$(BIN)/uv pip compile --quiet --upgrade --group dev --generate-hashes --no-header --no-emit-index-url pyproject.toml --output-file requirements.lock
