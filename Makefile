PYTHON ?= python3
T ?=
VENV := .venv
BIN := $(VENV)/bin
# The linters read Django's settings, which refuse to load without these; nothing is ever connected.
UNCONNECTED := SECRET_KEY=unconnected DATABASE_URL=postgresql:///unconnected REDIS_URL=unix:///unconnected

.DEFAULT_GOAL := help
.PHONY: help run test lint format

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.installed ## Run everything with the demo on http://127.0.0.1:$PORT (8000); Ctrl-C stops it
	@COUNTERSIGN_DEMO=1 exec $(BIN)/python manage.py up

test: lint ## Check and test everything; T=path runs the tests in one path
	$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python -m pytest $(T)

lint: $(VENV)/.installed-dev ## Check style, imports and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(UNCONNECTED) $(BIN)/lint-imports
	$(UNCONNECTED) $(BIN)/mypy .

format: $(VENV)/.installed-dev ## Format the code and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Countersign needs Python 3.11 or newer; name one with PYTHON=.")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
