PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.installed
MODELS_STAMP := $(VENV)/.installed-models
DEV_STAMP := $(VENV)/.installed-dev
# Byte code is made when a module is first imported: compiling all of it at once takes longer than all the rest.
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-compile
# Tests wait for servers much of the time: three parts of them run two at a time, each in a process of its own, because
# CARLA's client does not survive every order of worlds and Traffic Managers.
TEST_JOBS ?= 2
TEST_PARTS := test-lead-rooms test-lead-rest test-carlet
LEAD_ROOMS := agents data editor evaluation expert models navigation training view
PYTEST := $(BIN)/pytest
export NUMBA_NUM_THREADS ?= 2

# The trained student that `make loop` lets drive: the shipped one, or a folder.
STUDENT ?= tfv6_nano
LOOP := outputs/loop/$(shell date +%Y%m%d-%H%M%S)

.PHONY: help install demo loop test test-all $(TEST_PARTS) lint warmup notebooks clean

help:
	@echo "make demo      set up, drive a real route in carlet, score it, leave results and a video in outputs/demo"
	@echo "make loop      the whole loop: the expert drives and records a route, the student in STUDENT drives it, scores, videos"
	@echo "make test      set up, check style, types and import arrows, run the quick tests"
	@echo "make test-all  the same with the slow tests"
	@echo "make notebooks run docs/notebooks on the recording in LEAD_RECORDING (data/mine)"
	@echo "make clean     remove the virtual environment and all outputs"

$(RUN_STAMP): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	@touch $@

$(MODELS_STAMP): $(RUN_STAMP)
	$(PIP) -e '.[models]'
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
	@$(MAKE) --no-print-directory --keep-going --jobs $(TEST_JOBS) $(TEST_PARTS)

test-all: lint warmup
	@$(MAKE) --no-print-directory --keep-going --jobs $(TEST_JOBS) PYTEST='$(PYTEST) -m "slow or not slow"' $(TEST_PARTS)

test-carlet:
	$(PYTEST) tests/carlet

test-lead-rooms:
	$(PYTEST) $(LEAD_ROOMS:%=tests/lead/%)

test-lead-rest:
	$(PYTEST) tests/lead $(LEAD_ROOMS:%=--ignore=tests/lead/%)

demo: $(RUN_STAMP)
	$(BIN)/python -m lead --agent route_follower --routes examples/demo_town03.xml --output-dir outputs/demo/$(shell date +%Y%m%d-%H%M%S)

loop: $(MODELS_STAMP)
	$(BIN)/python -m lead --expert --routes examples/demo_loop.xml --record $(LOOP)/data --output-dir $(LOOP)/expert
	$(BIN)/python -m lead data stats $(LOOP)/data
	LEAD_CLOSED_LOOP_CONFIG="produce_debug_video=true produce_grid_video=true produce_frame_frequency=4 threads=2" \
	$(BIN)/python -m lead --checkpoint $(STUDENT) --routes examples/demo_loop.xml --output-dir $(LOOP)/student
	$(BIN)/python -m lead report show $(LOOP)/expert $(LOOP)/student

notebooks: $(DEV_STAMP)
	@for one in docs/notebooks/*.py; do echo $$one; MPLBACKEND=Agg $(BIN)/python $$one || exit 1; done

clean:
	rm -rf $(VENV) outputs
