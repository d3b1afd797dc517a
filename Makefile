# make demo: hear it work. make test: every test that pip alone can serve. Both make their own environment.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check bench docs device reapack clean help

help:
	@echo "make demo   the main job on the embedded engine, with real OSC, HTTP and files"
	@echo "make test   the tests that need nothing but pip (EVERYTHING=1: those that need Debian's programs too)"
	@echo "make check  formatting, lint, types, floors, generated docs"
	@echo "make bench  the figures, side by side with their bare floors"
	@echo "make docs   rewrite the generated pages of docs/"
	@echo "make device build the Max for Live device into max_for_live/dist"
	@echo "make reapack REPOSITORY=https://github.com/OWNER/daw-bridge"
	@echo "            write ReaPack's index of the REAPER scripts at a COMMIT (else the last) into reaper_scripts/dist"
	@echo "make clean  remove the environment and everything that was made"

demo: $(VENV)/installed
	$(BIN)/daw-bridge demo

test: $(VENV)/dev
	$(BIN)/python -m pytest -n auto $(if $(EVERYTHING),-m "")

check: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

bench: $(VENV)/dev
	$(BIN)/python -m bench

docs: $(VENV)/dev
	$(BIN)/python docs/generate.py

device:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "daw-bridge needs Python 3.11 or later; run make with PYTHON=python3.12, say.")'
	@$(PYTHON) -m max_for_live.builder

reapack: COMMIT ?= $(shell git rev-parse HEAD)
reapack:
	@$(PYTHON) -m reaper_scripts.builder --url "$(REPOSITORY)/raw/{commit}/{path}" --commit "$(COMMIT)" \
		--time "$$(git show --no-patch --format=%cI $(COMMIT))"

clean:
	rm -rf $(VENV) build dist max_for_live/dist reaper_scripts/dist demo-out .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(VENV)/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "daw-bridge needs Python 3.11 or later; run make with PYTHON=python3.12, say.")'
	@echo "Making an environment in $(VENV); this is done once and takes a moment."
	@$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@
