# make demo and make test do all their own set-up in .venv; nothing else needs to be installed.
.DEFAULT_GOAL := help
.PHONY: help demo test check docs plugins lint format train ablation soak fuzz bench clean

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
PLUGINS := plugins/strokeanim-lottie plugins/strokeanim-plotter
DATA ?=
OTHER ?=
RUN ?= runs/faces
SECONDS ?= 600

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: .venv/.core ## demo/demo.mp4, .gif, .html and an SVG per feature; minutes, half of one the second time
	$(BIN)/strokeanim demo --out demo

test: .venv/.dev ## everything: lint, types, layers, all tests
	@$(MAKE) --no-print-directory lint
	$(BIN)/pytest -n 2 --dist worksteal
	@$(MAKE) --no-print-directory plugins

check: .venv/.dev ## lint, types and the fast tests
	@$(MAKE) --no-print-directory lint
	$(BIN)/pytest -n 2 --dist worksteal -m "not slow"

plugins: .venv/.dev ## types and tests of the packages in plugins/, each by its own settings
	@set -e; for plugin in $(PLUGINS); do \
	    echo "$$plugin"; \
	    (cd $$plugin && $(CURDIR)/$(BIN)/mypy --no-error-summary && $(CURDIR)/$(BIN)/pytest -q -n 2); \
	done

lint: .venv/.dev ## ruff, mypy, import-linter
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports --no-logo

docs: .venv/.docs ## the site, strictly, into site/: open site/index.html
	$(BIN)/python -m tools.cli_reference
	$(BIN)/python -m tools.architecture
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

format: .venv/.dev ## let ruff rewrite the code
	$(BIN)/ruff check --quiet --fix .
	$(BIN)/ruff format --quiet .

train: .venv/.dev ## train the bundled model; DATA=features.ndjson.gz OTHER=rest.ndjson.gz add real ones; RESUME=1
	$(BIN)/strokeanim train examples/faces.toml --out $(RUN) $(if $(DATA),--data $(DATA)) $(if $(OTHER),--other $(OTHER)) $(if $(RESUME),--resume)
	$(BIN)/strokeanim model export $(RUN) --out $(RUN)/model --name faces

ablation: .venv/.dev ## what each part of the model is worth, hours: DATA=features.ndjson.gz OTHER=rest.ndjson.gz
	@test "$(DATA)" && test "$(OTHER)" || { echo "name both: make ablation DATA=… OTHER=…" >&2; exit 2; }
	$(BIN)/python -m benchmarks.ablation $(DATA) $(OTHER) runs/ablation
	$(BIN)/python -m benchmarks.ablation --table runs/ablation

soak: .venv/.dev ## 20 000 training steps of a small model, none of them NaN
	$(BIN)/python -m benchmarks.soak

fuzz: .venv/.dev ## every reader against damaged files, ten minutes, or SECONDS=60
	$(PIP) --editable '.[fuzz]'
	$(BIN)/python -m tests.fuzz $(SECONDS)

bench: .venv/.dev ## ratios against the obvious alternatives, in one run; JSON=new.json COMPARE=old.json
	$(PIP) --editable '.[bench]'
	$(BIN)/python -m benchmarks $(if $(JSON),--json $(JSON)) $(if $(COMPARE),--compare $(COMPARE))

clean: ## remove .venv and caches
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.venv/.made:
	@python=$$(tools/ensure-python) && $$python -m venv .venv
	@touch $@

.venv/.core: .venv/.made pyproject.toml constraints.txt
	$(PIP) --editable .
	@tools/ensure-libcairo $(BIN)/python
	@touch $@

.venv/.docs: .venv/.made pyproject.toml constraints.txt
	@echo "setting up .venv: a minute or two"
	$(PIP) --editable '.[docs]'
	@touch $@

.venv/.dev: .venv/.made pyproject.toml constraints.txt $(PLUGINS:=/pyproject.toml)
	@echo "setting up .venv, with TensorFlow: some minutes, 3.5 GB"
	$(PIP) --editable '.[all,dev]' $(PLUGINS:%=--editable './%[test]')
	@tools/ensure-libcairo $(BIN)/python
	@touch $@ .venv/.core .venv/.docs
