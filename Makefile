# Bearman's commands. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYTEST := $(BIN)/python -m pytest

# For steps that read the settings but need no database.
NO_DATABASE := DATABASE_URL=postgresql://nobody@127.0.0.1:1/none

export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup demo dev test check lint types deploy bench protos lock states issues clean screenshots browser ceph test-s3

help:  ## Show this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(STAMP)  ## Make .venv and install all that the lock file names

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "python3 (3.11 or newer) is needed"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=python3.11"; exit 1; }
	@echo "Setting up $(VENV) (once, about a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

demo: setup  ## Show the main job with twenty simulated servers (ONCE=1: check the outcome and end)
	@$(BIN)/python -m simulator.demo $(if $(ONCE),--once)

dev: setup  ## Run everything on this machine, with debug pages, until Ctrl-C
	@BEARMAN_DEBUG=1 BEARMAN_ENROLMENT_NETWORKS=127.0.0.0/8 $(BIN)/python -m bearman up

test: setup  ## Run the tests (ARGS="..." for pytest)
	@$(PYTEST) $(ARGS)

check: setup lint types deploy test  ## The whole gate: formatting, lint, types, layers, protocol, scripts, settings, tests

lint: setup
	@ruff format --check .
	@ruff check .
	@lint-imports
	@buf lint
	@sh .ci/protos --check
	@shellcheck -x $$(sh .ci/shell_files)
	@shfmt -d -i 4 -ci $$(sh .ci/shell_files)

types: setup
	@$(NO_DATABASE) mypy .

deploy: setup
	@$(NO_DATABASE) $(BIN)/python -m bearman makemigrations --check --dry-run >/dev/null || { echo "A migration is missing: run python -m bearman makemigrations"; exit 1; }
	@.ci/check_deploy

bench: setup  ## Measure the hot paths (BENCH=name for one)
	@$(BIN)/python -m bench $(BENCH)

protos: setup  ## Generate the Python code of protos/
	@sh .ci/protos

states: setup  ## Generate docs/states.md
	@$(NO_DATABASE) $(BIN)/python -m bearman states_doc > docs/states.md

issues: setup  ## Generate docs/issues.md
	@$(NO_DATABASE) $(BIN)/python -m bearman issues_doc > docs/issues.md

lock: setup  ## Resolve the newest versions that pyproject.toml allows into requirements.lock
	@$(BIN)/python -m pip install --quiet uv
	@uv pip compile --quiet --universal --generate-hashes --upgrade --no-emit-index-url pyproject.toml --group dev -o requirements.lock

browser:  ## Install Debian's Chromium for the browser tests (root)
	@echo "Installing the Debian package chromium"
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; }

ceph:  ## Install Debian's Ceph for the tests of the object storage (root)
	@echo "Installing the Debian packages ceph-mon, ceph-osd and radosgw"
	@command -v radosgw >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends ceph-mon ceph-osd radosgw; }

test-s3: setup  ## Run the tests of the object storage on a real Ceph (see `make ceph`)
	@$(PYTEST) -n 0 -m s3 tests/storage $(ARGS)

clean:  ## Remove what setup and runs made in this folder
	@rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
