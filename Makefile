# `make` lists the verbs. The environment is .venv, made by uv from uv.lock.
UV_VERSION := 0.13.9
BIN := .venv/bin
ARGS ?=
# uv trusts what this machine trusts, behind a company's proxy too.
export UV_SYSTEM_CERTS ?= true

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test check fmt bench

help:  ## list the verbs
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1	\2/' | expand -t 16

setup: .venv/installed  ## install everything into .venv, as uv.lock says

.venv/installed: pyproject.toml uv.lock
	@command -v python3 >/dev/null || { echo "python3 (3.11 or newer) is missing"; exit 1; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "python3 is older than 3.11"; exit 1; }
	@if command -v uv >/dev/null; then uv sync --locked; else \
	  python3 -m venv .venv && $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) && \
	  $(BIN)/uv sync --locked --inexact; fi
	@touch $@

demo: setup  ## load the demo catalogue, render every export, serve the feeds (ARGS=--no-serve: do not serve)
	$(BIN)/pim demo $(ARGS)

serve: setup  ## serve the feeds
	$(BIN)/pim serve

test: setup  ## run all tests, on every processor (with ARGS for pytest: on one)
	tests/needs.sh
	$(BIN)/pytest $(or $(ARGS),--numprocesses=auto --dist=loadfile --no-loadscope-reorder)

check: setup  ## style, types and floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: setup  ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup  ## measure import and rendering beside plain loops
	$(BIN)/pim bench --products 10000 --products 100000
