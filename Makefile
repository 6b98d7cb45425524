# Everything a new user needs: `make build` and `make test`. Only Python 3.11+ and make are assumed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: build test check bench docs pictures clean help

help: ## Show these targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

build: $(VENV)/.ready ## Set up and build the sample newsletter into output/
	$(BIN)/partwork build

test: $(VENV)/.ready-dev ## Set up and run the tests
	$(BIN)/pytest

check: $(VENV)/.ready-dev ## Lint, types, layers, tests, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/docs.py --check
	$(BIN)/pytest

docs: $(VENV)/.ready-dev ## Write the generated pages of docs/
	$(BIN)/python scripts/docs.py

bench: $(VENV)/.ready-dev ## Time whole builds beside other tools
	$(BIN)/python benchmarks/build.py

pictures: $(VENV)/.ready-dev ## Draw the pictures of README and docs (needs Chromium)
	$(BIN)/python scripts/pictures.py
	$(BIN)/python scripts/preview_pictures.py

clean: ## Remove the environment and what was built
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .partwork-cache .bench
	find output -mindepth 1 ! -name .gitkeep -delete

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Partwork needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.ready-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.ready
