# Two commands matter: `make up` runs the main job, `make test` runs every test. The rest serves them.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python

# Every process would compile all modules anew if none could keep what it compiled.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: up down reset preview test sweep lint format bench endure fuzz sandbox goldens pictures sbom lock fidelity clients clean

up: $(VENV)/.deploy
	@$(PY) -m ops up $(foreach change,$(SET),--set $(change))

# Python alone will do: what runs is stopped even where nothing is installed any more.
down:
	@$(if $(wildcard $(PY)),$(PY),$(PYTHON)) -m ops.halt .local

reset: $(VENV)/.deploy
	@$(PY) -m ops reset

preview: $(VENV)/.deploy
	@$(PY) -m ops preview $(foreach change,$(SET),--set $(change))

sandbox: $(VENV)/.deploy
	@$(PY) -m sandbox --data .local/sandbox

test: $(VENV)/.dev
	@$(PY) -m ops system --need chromium --need redis-server
	@$(PY) -m tests.clients.install
	@$(PY) -m ops toolchain
	$(PY) -m pytest -n 3 --dist worksteal --durations=10 -m "not browser and not engine"
	$(PY) -m pytest -n 2 --dist worksteal --durations=10 -m "browser and not engine"
	$(PY) -m pytest -n 3 --dist loadfile --durations=10 -m "engine and not sweep"

# What `make test` leaves out for its length: every place at which an update or a new stage can be cut short.
sweep: $(VENV)/.dev
	@$(PY) -m ops toolchain
	$(PY) -m pytest --durations=10 -m sweep
	$(PY) -m tests.journey.sweep

lint: $(VENV)/.dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m infra.render --check
	$(PY) -m infra.reference --check
	$(PY) -m gateway.openapi --check
	$(PY) -m hosting.sbom --check
	$(PY) -m sandbox.coverage --check
	@$(PY) -m ops.ci_lint

format: $(VENV)/.dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

goldens: $(VENV)/.deploy
	$(PY) -m infra.render --write
	$(PY) -m infra.reference --write
	$(PY) -m gateway.openapi --write

pictures: $(VENV)/.dev
	PICTURES=docs/images $(PY) -m pytest tests/journey/test_looks.py

bench: $(VENV)/.dev
	@$(PY) -m ops toolchain
	@$(PY) -m bench

endure: $(VENV)/.dev
	@$(PY) -m bench.endure

# RECORDINGS=DIR: recordings of a real tenant, with the tool that replays them. Keeps the figures for COVERAGE.md.
fidelity: $(VENV)/.dev
	@test -n "$(RECORDINGS)" || { echo "Say which recordings: make fidelity RECORDINGS=DIR"; exit 1; }
	@$(PY) -m tests.fidelity $(RECORDINGS) $(if $(SALT),--salt $(SALT),--write)
	@$(PY) -m sandbox.coverage --write

# Clients that others wrote, and which operations they called: for COVERAGE.md too.
clients: $(VENV)/.dev
	@$(PY) -m tests.clients.install
	@$(PY) -m ops toolchain
	@rm -f sandbox/coverage/clients.json
	CLIENTS=sandbox/coverage/clients.json $(PY) -m pytest -n 2 --dist loadfile tests/clients tests/plugin
	@$(PY) -m sandbox.coverage --write

fuzz: $(VENV)/.dev
	@$(PY) -m tests.gateway.fuzz --inputs 50000

sbom: $(VENV)/.dev
	$(PY) -m hosting.sbom --write

lock: $(VENV)/.dev
	$(PY) -m pip install --quiet uv
	@for set in service deploy dev; do \
	  $(VENV)/bin/uv pip compile --quiet --generate-hashes --no-header --no-emit-index-url --no-annotate \
	    requirements/$$set.in -o requirements/$$set.txt || exit 1; done

clean: down
	rm -rf $(VENV) .local

# The stamps are newer than their lock file, so that an unchanged one costs nothing.
$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || \
	  { echo "There is no $(PYTHON). auth0-phone needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "auth0-phone needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Creating $(VENV)"
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/.deploy: requirements/deploy.txt | $(VENV)/bin/python
	@echo "Installing the locked packages of requirements/deploy.txt"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/deploy.txt
	@$(PY) -m ops launchers
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(VENV)/bin/python
	@echo "Installing the locked packages of requirements/dev.txt"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(PY) -m ops launchers
	@touch $@ $(VENV)/.deploy
