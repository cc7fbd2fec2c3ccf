# `make demo` shows refundbook at work, `make quick` tests what is fast, `make test` checks everything. All make a virtual environment in .venv first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH := .venv-bench
FUZZ ?= 100000

.PHONY: demo quick test long check docs template bench bench-sheet clean

demo: $(VENV)/installed
	PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/quickstart.sh

# What needs no program beside Python, and no patience: under a minute.
quick: $(VENV)/developed
	$(BIN)/pytest -n auto -m "not slow and not libreoffice and not node and not chromium and not sdk"

test: $(VENV)/developed check
	$(BIN)/pytest -n auto

# The long forms: kills at every system call, links swapped for a minute, hundreds of workbooks through LibreOffice, spoiled workbooks by the thousand.
long: $(VENV)/developed
	REFUNDBOOK_LONG_TESTS=1 $(BIN)/pytest -n auto
	$(BIN)/python -m benchmarks.fuzz --count $(FUZZ) --run 2 --processes 2

check: $(VENV)/developed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# What is generated from the code: the blank workbook and the pages on rules and commands.
docs template: $(VENV)/developed
	$(BIN)/python -m refundbook.template templates/tracker.xlsx
	$(BIN)/python docs/make_rules.py
	$(BIN)/python docs/make_commands.py
	$(BIN)/python docs/make_export.py
	$(BIN)/python docs/make_entry_fields.py
	$(BIN)/python docs/make_library.py

# refundbook beside its peers: half an hour with 100,000 cases, a minute with `make bench QUICK=--quick`. The peers live in an environment of their own.
bench: $(BENCH)/installed
	$(BENCH)/bin/python -m benchmarks.bench $(QUICK)

# What the sheets' formulas and formats cost in LibreOffice, beside bare sheets: some minutes.
bench-sheet: $(VENV)/developed
	$(BIN)/python -m benchmarks.sheets

$(BENCH)/installed: pyproject.toml
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --editable '.[bench]'
	touch $@

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/developed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@ $(VENV)/installed

clean:
	rm -rf $(VENV) $(BENCH) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
