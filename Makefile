# The two commands are `make up` and `make test`; each sets itself up on a machine with Python >= 3.11 and make.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
STAMP := .venv/.set-up
# A version manager's shim may exist without its Python, so each candidate has to run.
FITS := -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
PYTHON = $(shell for p in python3.13 python3.12 python3.11 python3; do $$p $(FITS) && { command -v $$p; break; }; done)
UV = $(shell uv --version >/dev/null 2>&1 && command -v uv)

.PHONY: help setup up test check demo format lock clean

help: ## what there is
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

setup: $(STAMP) ## .venv with the locked dependencies and vocloop itself

# The stamp is written last: a set-up that was cut short is done again.
$(STAMP): requirements-dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Vocloop needs Python 3.11 or newer: install it, then run make again." >&2; exit 2; }
	@test -x $(BIN)/python || $(MAKE) .new-venv
ifneq ($(UV),)
	$(UV) pip install --python $(BIN)/python --require-hashes --requirements requirements-dev.txt
	$(UV) pip install --python $(BIN)/python --no-deps --no-build-isolation --editable .
else
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes --requirement requirements-dev.txt
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation --editable .
endif
	@touch $@

.PHONY: .new-venv
.new-venv:
ifneq ($(UV),)
	$(UV) venv --quiet --allow-existing --python "$(PYTHON)" .venv
else
	$(PYTHON) -m venv .venv || { echo "Python's venv is incomplete: install python3-venv or uv, then run make again." >&2; exit 2; }
endif

up: $(STAMP) ## Temporal, ledger, worker and API on this machine, until Ctrl-C
	@$(BIN)/vocloop up $(ARGS)

test: $(STAMP) ## every test, against the real Temporal server
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: $(STAMP) ## style, types, layers, and that the documents are true
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "Run make format." >&2; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/docs tests/test_architecture.py

demo: $(STAMP) ## dozens of complaints through the whole loop, in minutes
	@$(BIN)/vocloop demo $(ARGS)

format: $(STAMP) ## rewrite the code in the house's style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url pyproject.toml
lock: ## pin the dependencies anew (needs uv); add ARGS=--upgrade to move them
	@$(LOCK) $(ARGS) --output-file requirements.txt
	@$(LOCK) $(ARGS) --group dev --output-file requirements-dev.txt

clean: ## what can be made again; the embedded databases in .vocloop stay
	@rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +
