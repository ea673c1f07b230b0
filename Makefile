# `make demo` and `make test` do all their own set-up; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done)
UV := $(shell command -v uv 2>/dev/null)
BIN := $(VENV)/bin
ARGS ?=

.PHONY: help setup spark demo serve test check lint format lock clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.runtime ## make .venv with the command `outreach`

$(VENV)/.python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer was not found. On Debian: apt-get install python3 python3-venv"; exit 1; }
	@if [ -n "$(UV)" ]; then $(UV) venv --quiet --allow-existing --python "$(PYTHON)" $(VENV); \
	else "$(PYTHON)" -m venv $(VENV) || { echo "This Python cannot make an environment. On Debian: apt-get install python3-venv"; exit 1; }; fi
	@touch $@

# $(1): the requirements file. With uv it is used; without it pip installs from the same hashes.
define install
	@echo "Installing $(1) (with hashes) ..."
	@if [ -n "$(UV)" ]; then \
	  VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --compile-bytecode --require-hashes -r $(1); \
	  VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --no-build-isolation --no-deps -e .; \
	else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1); \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .; \
	fi
endef

$(VENV)/.runtime: $(VENV)/.python requirements/runtime.txt pyproject.toml
	$(call install,requirements/runtime.txt)
	@echo "Compiling the search for plans ..."
	@$(BIN)/python -m routing compile
	@touch $@

$(VENV)/.development: $(VENV)/.runtime requirements/development.txt
	$(call install,requirements/development.txt)
	@touch $@

$(VENV)/.spark: $(VENV)/.development requirements/spark.txt
	$(call install,requirements/spark.txt)
	@touch $@

spark: $(VENV)/.spark ## add Spark (another 490 MB; needs Java 17)

demo: $(VENV)/.runtime ## the whole job on a made-up district, then the web pages (ARGS=--no-serve to stop before)
	@$(BIN)/outreach demo $(ARGS)

serve: $(VENV)/.runtime ## serve what the database holds
	@$(BIN)/outreach serve $(ARGS)

test: $(VENV)/.development ## all tests
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

lint: $(VENV)/.development ## format check, ruff, mypy --strict, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: lint test ## everything that must pass before a commit lands

format: $(VENV)/.development ## write the format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only --quiet .

lock: ## compile the hash-locked requirements again (needs uv)
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 pyproject.toml --group build --extra roads -o requirements/runtime.txt
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 pyproject.toml --group build --group dev --extra redis -c requirements/runtime.txt -o requirements/development.txt
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 pyproject.toml --extra spark -c requirements/development.txt -o requirements/spark.txt

clean: ## remove the environment and caches, never the data in instance/
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
