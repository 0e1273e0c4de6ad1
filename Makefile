# Two commands are all a newcomer needs: `make demo` and `make test`.
# Both do their own set-up and say so; the rest is for every day.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
export PATH := $(CURDIR)/$(BIN):$(PATH)
export ANSIBLE_HOME := $(CURDIR)/.bastide/ansible

# For the benchmarks: when `make` began, and whether it found a machine without our packages.
STARTED := $(shell date +%s)
FRESH := $(if $(wildcard $(VENV)/.installed),false,true)

# What the lab needs of Debian; everything else comes from PyPI, into .venv.
PACKAGES := podman runc iptables netavark aardvark-dns mmdebstrap openssh-client openssl fonts-dejavu-core \
            bind9-dnsutils knot-dnssecutils python3-dnspython chromium chromium-driver clamav-testfiles curl \
            libpq5 python3-venv git

.PHONY: demo test test-fast test-unit test-lab test-in-labs test-beside molecule lint lint-python lint-yaml format venv packages bench lock docs clean help

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: packages venv ## the whole Lot on this machine: lab up, applied, verified
	@echo "==> Starting the lab: eight Debian servers in containers, closed to the outside"
	bastide lab up
	@echo "==> Applying collectivities/46: every commune of the Lot"
	bastide apply
	@echo "==> Verifying from outside: DNS, mail, web"
	bastide verify
	@printf '{"seconds": %d, "fresh": %s}\n' $$(( $$(date +%s) - $(STARTED) )) $(FRESH) > .bastide/demo.json
	@tools/what_to_try.sh

test: export BASTIDE_DOCUMENTS := 10000
test: packages venv lint ## everything that CI runs
	@echo "==> Tests in two labs side by side; those without a lab run beside them and are told when they are done"
	@$(MAKE) --no-print-directory --jobs=2 test-in-labs test-beside

test-fast: venv ## the part without containers and without what takes long, for every day
	pytest tests/unit -n 2 -q -m "not slow"

test-unit: venv ## the part without containers
	pytest tests/unit -n 2 -q

test-lab: packages venv ## the part with real servers, in two labs side by side and beside them
	pytest tests/integration -m lab -n 3

# A lab waits more than it works: what needs none fills its pauses.
WITHOUT_LAB := tests/integration/modules tests/integration/desk
BESIDE := .bastide/test-beside.log

test-in-labs:
	pytest tests/integration -m lab -n 2 $(WITHOUT_LAB:%=--ignore=%)

test-beside:
	@mkdir -p $(dir $(BESIDE)); status=0; \
	{ pytest $(WITHOUT_LAB) -m lab || status=$$?; pytest tests/unit || status=$$?; } > $(BESIDE) 2>&1; \
	cat $(BESIDE); exit $$status

# One machine after the other: each installs Debian packages, which takes minutes. Not part of `make test`,
# where the lab converges the same roles.
molecule: packages venv ## each scenario of the roles, on a machine of its own
	for scenario in roles/*/molecule; do (cd $$(dirname $$scenario) && molecule test); done

lint: venv ## style, types, floors, roles, generated files, charters
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint-python lint-yaml

lint-python:
	ruff format --check src plugins pulumi tests tools
	ruff check src plugins pulumi tests tools
	mypy
	lint-imports

lint-yaml:
	yamllint --strict .
	ansible-lint --offline
	bastide schema --check
	bastide fmt --check
	bastide validate > /dev/null || { bastide validate; exit 1; }

format: venv ## bring Python and charters into canonical form
	ruff format src plugins pulumi tests tools
	bastide fmt
	bastide schema

bench: venv ## measure, and write docs/benchmarks.md
	python tests/bench/run.py

venv: $(VENV)/.installed ## .venv/bin/bastide

$(VENV)/.installed: requirements.lock pyproject.toml
	@echo "==> Installing Python packages from PyPI into $(VENV)"
	@command -v $(PYTHON) > /dev/null || { echo "Python 3.11 is needed: apt-get install python3"; exit 1; }
	@$(PYTHON) -c 'import ctypes, ensurepip; ctypes.CDLL("libpq.so.5")' 2> /dev/null || $(MAKE) packages
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

packages: ## what the lab needs of Debian (root)
	@missing=(); for p in $(PACKAGES); do \
	  [ "$$(dpkg-query -W -f '$${db:Status-Status}' $$p 2> /dev/null)" = installed ] || missing+=($$p); done; \
	if [ $${#missing[@]} -gt 0 ]; then \
	  echo "==> Installing from Debian: $${missing[*]}"; \
	  [ "$$(id -u)" = 0 ] || { echo "root is needed for this: sudo make packages"; exit 1; }; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	    "$${missing[@]}" > /dev/null; \
	fi

lock: ## pin the newest versions that pyproject.toml allows
	$(BIN)/pip-compile --quiet --strip-extras --extra dev --no-emit-index-url --no-emit-find-links \
	  --no-emit-trusted-host --no-header --output-file requirements.lock pyproject.toml

clean: ## containers, images and caches of ours
	-[ -x $(BIN)/bastide ] && bastide lab destroy
	rm -rf .bastide .mypy_cache .ruff_cache .pytest_cache .hypothesis
