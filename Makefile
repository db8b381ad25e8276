# One command on a bare clone: `make demo` or `make test`. Both build .venv from pinned constraints first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 3
# Tests start hundreds of processes: their modules are compiled once, whatever is set outside.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest

.PHONY: demo test test-quick lint bench clean

demo: $(STAMP)
	@rm -rf build/demo && mkdir -p build
	$(BIN)/phasegate -C build demo --yes demo
	@echo "look at it: git -C build/demo -P log --stat, and build/demo/artifacts/stage-06/"

test: lint
	$(PYTEST) -n $(WORKERS)

test-quick: $(STAMP)
	$(PYTEST) -n $(WORKERS) -m "not slow"

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(STAMP)
	$(BIN)/python benchmarks

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[sandbox,test]'
	@touch $@

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis
