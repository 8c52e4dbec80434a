PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
# Byte code is made when a module is first imported: compiling all of it at once takes longer than all the rest.
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-compile
export NUMBA_NUM_THREADS ?= 2

.PHONY: help install demo test test-all lint warmup notebooks clean

help:
	@echo "make demo      set up, drive a real route in carlet, score it, leave results and a video in outputs/demo"
	@echo "make test      set up, check style, types and import arrows, run the quick tests"
	@echo "make test-all  the same with the slow tests"
	@echo "make notebooks run docs/notebooks on the recording in LEAD_RECORDING (data/mine)"
	@echo "make clean     remove the virtual environment and all outputs"

$(RUN_STAMP): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	@touch $@

$(DEV_STAMP): $(RUN_STAMP)
	$(PIP) -e '.[dev]'
	@touch $@

install: $(DEV_STAMP)

lint: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pyright

# A server compiles its kernels when it first starts; no test should wait for that.
warmup: $(DEV_STAMP)
	$(BIN)/python -m carlet warmup

test: lint warmup
	$(BIN)/pytest

test-all: lint warmup
	$(BIN)/pytest -m "slow or not slow"

demo: $(RUN_STAMP)
	$(BIN)/python -m lead --agent route_follower --routes examples/demo_town03.xml --output-dir outputs/demo/$(shell date +%Y%m%d-%H%M%S)

notebooks: $(DEV_STAMP)
	@for one in docs/notebooks/*.py; do echo $$one; MPLBACKEND=Agg $(BIN)/python $$one || exit 1; done

clean:
	rm -rf $(VENV) outputs
