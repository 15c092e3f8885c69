# AMDIS: one command a chore, the same here and in continuous integration.
# SPDX-License-Identifier: Apache-2.0
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh

# The first Python that is new enough; asked only while there is no environment yet.
ifndef PYTHON
ifneq ($(wildcard .venv/bin/python),)
PYTHON := .venv/bin/python
else
PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && exit; done; echo python3)
endif
endif
export PYTHON

VENV := .venv
BIN := $(VENV)/bin

# A stamp is named after the content it stands for: a change of a lock file, by an edit or by switching branches,
# asks for another stamp; a mere change of a date does not. With both stamps there nothing is installed.
digest = $(shell cat $(wildcard $(1)) /dev/null | sha256sum | cut -c1-16)
PYTHON_STAMP := $(VENV)/.installed-$(call digest,requirements.lock pyproject.toml)
ifneq ($(wildcard frontend/package-lock.json),)
NODE_STAMP := frontend/node_modules/.installed-$(call digest,frontend/package-lock.json)
FRONTEND_SOURCES := $(shell find frontend -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null | LC_ALL=C sort)
FRONTEND_STAMP := frontend/dist/.built-$(call digest,$(FRONTEND_SOURCES))
endif

.PHONY: help run test lint format typecheck client frontend-check bench cite messages lock migration data clean os-packages os-packages-test setup setup-test

help:  ## show this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

run: setup  ## install what is missing, then serve on http://localhost:8000
	@exec $(BIN)/amdis up

test: setup-test  ## every check and every test, browser tests included
	$(MAKE) lint frontend-check
	$(BIN)/pytest -n 2 --dist loadfile $(PYTEST_ARGS)

lint: setup  ## style, types and who may import whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup  ## put the code into the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

client: setup  ## write the front end's types of the API again
	@scripts/frontend.sh client

frontend-check: setup
	@if [ -f frontend/package-lock.json ]; then scripts/frontend.sh check; fi

bench: setup-test  ## rates and latencies beside comparable servers (prints a table, asserts nothing)
	$(BIN)/amdis bench

cite: setup-test  ## the OGC's own conformance suites, where a JDK and Maven are present
	$(BIN)/python -m tests.cite $(CITE_ARGS)

data: setup  ## compile the region's facts again from their sources
	$(BIN)/python -m data.compile

messages: setup  ## gather the texts of the pages into the catalogues of their languages, to be translated there
	@scripts/messages.sh

migration: setup  ## write a migration for the changed tables: make migration MESSAGE="what changes"
	@test -n "$(MESSAGE)" || { echo 'Say what changes: make migration MESSAGE="add boreholes"' >&2; exit 1; }
	$(BIN)/amdis migrate --autogenerate "$(MESSAGE)"

# The lock is written by `uv pip compile` and not by `uv lock`: uv.lock records for every package the address it was
# fetched from and so ties an installation to one index, while ministries install behind a mirror of their own.
# Names, versions and hashes are enough; the index is whatever pip or uv is set up to use. --universal makes one
# file for every platform and Python version from 3.11 on.
# requirements-app.lock is the part of requirements.lock a server needs, for the container.
COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 --custom-compile-command "make lock"
lock: $(PYTHON_STAMP)  ## choose the newest versions that fit pyproject.toml and write requirements.lock
	$(COMPILE) --upgrade --group dev pyproject.toml --output-file requirements.lock
	$(COMPILE) --constraint requirements.lock pyproject.toml --output-file requirements-app.lock
	@! grep -nE '://' requirements.lock requirements-app.lock

clean:  ## remove what the other targets made, but not the data under .amdis
	rm -rf $(VENV) frontend/node_modules frontend/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -not -path './.amdis/*' -prune -exec rm -rf {} +

setup: os-packages $(PYTHON_STAMP) $(FRONTEND_STAMP)

setup-test: os-packages-test setup
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
		[ -d $(VENV)/browsers ] || PLAYWRIGHT_BROWSERS_PATH=$(VENV)/browsers $(BIN)/playwright install --with-deps chromium

os-packages:
	@scripts/os-packages.sh run

os-packages-test:
	@scripts/os-packages.sh test

$(PYTHON_STAMP): | os-packages
	@scripts/python-packages.sh
	@rm -f $(VENV)/.installed-* && touch $@

$(NODE_STAMP): $(PYTHON_STAMP)
	@scripts/frontend.sh install
	@rm -f frontend/node_modules/.installed-* && touch $@

$(FRONTEND_STAMP): $(NODE_STAMP)
	@scripts/frontend.sh build
	@rm -f frontend/dist/.built-* && touch $@
