# Bearman's commands. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYTEST := $(BIN)/python -m pytest

# For steps that read the settings but need no database.
NO_DATABASE := DATABASE_URL=postgresql://nobody@127.0.0.1:1/none

export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup demo dev test check lint types deploy bench protos lock states issues clean screenshots browser ceph test-s3 rack rack-packages test-rack image image-tools compose-packages test-compose test-images

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
	@uv pip compile --quiet --universal --generate-hashes --no-emit-index-url -c requirements.lock pyproject.toml -o deploy/requirements.lock

browser:  ## Install Debian's Chromium for the browser tests (root)
	@echo "Installing the Debian package chromium"
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; }

ceph:  ## Install Debian's Ceph for the tests of the object storage (root)
	@echo "Installing the Debian packages ceph-mon, ceph-osd and radosgw"
	@command -v radosgw >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends ceph-mon ceph-osd radosgw; }

test-s3: setup  ## Run the tests of the object storage on a real Ceph (see `make ceph`)
	@$(PYTEST) -n 0 -m s3 tests/storage $(ARGS)

IMAGE_PACKAGES := lxd lxd-client dnsmasq-base nftables iproute2 squashfs-tools mmdebstrap

image-tools:  ## Install what builds images: LXD, mmdebstrap, squashfs-tools (root, Debian)
	@missing=$$(for each in $(IMAGE_PACKAGES); do dpkg-query -W -f '$${Status}' $$each 2>/dev/null | grep -q 'ok installed' || echo $$each; done); \
	if [ -z "$$missing" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then echo "Installing the Debian packages" $$missing; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	else echo "Not installed, for it takes root and apt-get:" $$missing; fi

image: $(if $(RECIPE),setup image-tools,setup)  ## Build an image (RECIPE=name, ARGS="--publish ..."; root)
	@test -n "$(RECIPE)" || { $(BIN)/python -m image_builder recipes; echo; echo "Give RECIPE=name"; exit 2; }
	@$(BIN)/python -m image_builder build $(RECIPE) $(ARGS)

RACK_PACKAGES := qemu-system-x86 ipxe-qemu ipxe ovmf openipmi ipmitool lldpd socat curl iputils-ping openssh-client debian-installer-12-netboot-amd64

# With BEARMAN_RACK_IMAGES no image is built; the tools for it are some of the rack's own.
rack-packages rack test-rack: IMAGE_PACKAGES += $(RACK_PACKAGES)
rack-packages: image-tools  ## Install what the virtual rack needs (root, Debian)

rack: setup image-tools  ## Start a virtual rack of real machines, with a console to it (root, Debian)
	@$(BIN)/python -m tests.rack $(ARGS)

test-rack: setup image-tools  ## Boot, register and deploy machines of the virtual rack (root, Debian; about half an hour)
	@$(PYTEST) -n 2 -rP -m rack tests/rack $(ARGS)

compose-packages:  ## Install what the tests of the containers need (root)
	@missing=$$(for each in dockerd docker-compose mmdebstrap; do command -v $$each >/dev/null || echo $$each; done); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then echo "There is no" $$missing "here, which root can install on Debian"; exit 0; fi; \
	echo "Installing the Debian packages docker.io docker-compose mmdebstrap"; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker.io docker-compose mmdebstrap

test-compose: setup compose-packages  ## Try the containers with a Docker engine of the tests' own (root, Debian; about eight minutes)
	@$(PYTEST) -n 0 -rs -m compose tests/compose $(ARGS)

test-images: IMAGE_PACKAGES += qemu-system-x86 seabios
test-images: setup image-tools  ## Build images and boot them in QEMU (root, Debian; a quarter of an hour)
	@$(PYTEST) -n 0 -rs -m images --timeout 1800 tests/images $(ARGS)

clean:  ## Remove what setup and runs made in this folder
	@rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
