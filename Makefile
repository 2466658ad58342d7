# `make` lists the commands. Needs Python 3.11 or newer and nothing else: .venv is made on first use.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run stop status clean analytics psql dbt docs metrics sample bench test lint format requirements

PYTHON := .venv/bin/python
LOCAL := $(PYTHON) -m include.local
WHAT := bronze
INSTALLED := $(wildcard .venv/run.stamp)
# PYTHONPATH is the repository root, never include/: that holds a folder called dbt, which would shadow the package.
export PYTHONPATH := $(CURDIR)
# The first Python that is new enough, newest known last: 3.11 and 3.12 are what the pins are tested with.
FIND_PYTHON = for python in $(BOOTSTRAP_PYTHON) python3.11 python3.12 python3.13 python3; do \
	"$$python" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null \
	&& echo "$$python" && break; done

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z_-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/run.stamp ## start Postgres and Airflow, run the pipeline, show what it made; RAW_DIR=folder AS_OF=YYYY-MM-DD
	@$(LOCAL) run $(if $(RAW_DIR),--raw-dir "$(RAW_DIR)") $(if $(AS_OF),--as-of "$(AS_OF)")

stop: ## stop what `make run` started
	@$(if $(INSTALLED),$(LOCAL) stop,echo 'stop: nothing was started from here, there is no .venv')

status: ## what runs, as which process, on which port
	@$(if $(INSTALLED),$(LOCAL) status,echo 'status: nothing was started from here, there is no .venv')

clean: ## stop, then remove ROLLCALL_HOME with all data in it
	@$(if $(INSTALLED),$(LOCAL) clean,echo 'clean: nothing was started from here, there is no .venv')

analytics: .venv/run.stamp ## print the gold tables with their curves, write the page of charts
	@$(PYTHON) show_analytics.py

# As typed: make must not expand the dollars of a query.
psql: export SQL_TEXT := $(value SQL)
psql: .venv/run.stamp ## a psql shell on the warehouse; SQL="select …" prints just the rows
	@$(LOCAL) psql $(if $(value SQL),--sql "$$SQL_TEXT")

dbt: .venv/run.stamp ## dbt on the warehouse; ARGS="build --select fact_attendance" AS_OF=YYYY-MM-DD for gold
	@$(PYTHON) -m include.dbt_cli $(if $(AS_OF),--as-of "$(AS_OF)") $(ARGS)

docs: .venv/run.stamp ## write the dbt docs, say where they, the data docs and the analytics are
	@$(LOCAL) docs

# A home of its own: the page is of the sample, published as of a week earlier and then as of its last day.
metrics: export ROLLCALL_HOME := $(CURDIR)/.rollcall-metrics
metrics: export ROLLCALL_WAREHOUSE_URL :=
metrics: .venv/run.stamp ## write docs/metrics.md, of the dbt yml and the sample (a few minutes)
	@$(LOCAL) run --raw-dir data/raw --as-of 2025-03-07 && $(LOCAL) run --raw-dir data/raw \
		&& $(PYTHON) -m include.metrics_page; status=$$?; $(LOCAL) clean; exit $$status

sample: .venv/run.stamp ## write sample files; SCALE=1 is about 1,200 students, EVENTS=1 a student and day, OUT=folder SEED=7; shares: LATE=0.01 CORRECTED DUPLICATES BAD CLASS_CHANGES
	@$(PYTHON) -m include.local.sample $(if $(SCALE),--scale "$(SCALE)") $(if $(OUT),--out "$(OUT)") \
		$(if $(EVENTS),--events "$(EVENTS)") $(if $(SEED),--seed "$(SEED)") \
		$(if $(CLASS_CHANGES),--class-changes "$(CLASS_CHANGES)") \
		$(if $(LATE),--late "$(LATE)") $(if $(CORRECTED),--corrected "$(CORRECTED)") \
		$(if $(DUPLICATES),--duplicates "$(DUPLICATES)") $(if $(BAD),--bad "$(BAD)")

bench: .venv/run.stamp ## what loading into bronze costs (about 10 minutes, 10 GB of disk); WHAT=daily_run: what a morning costs as history grows (20 minutes, 15 GB); WHAT=learning_events: what events cost (long, 45 GB); WHAT=student_dbt: what Airflow adds to dbt (10 minutes)
	@$(if $(filter bronze,$(WHAT)),$(MAKE) --no-print-directory .venv/peers.stamp || echo "make: pandas and dlt cannot be installed" >&2)
	@$(PYTHON) -m bench.$(WHAT) $(ARGS)

test: .venv/test.stamp ## the whole test suite, on a real Postgres
	@$(PYTHON) -m pytest $(ARGS)

lint: .venv/test.stamp ## ruff, sqlfluff, mypy, hadolint, the schema of compose files
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m sqlfluff lint include/dbt
	$(PYTHON) -m mypy
	.venv/bin/hadolint docker/Dockerfile
	$(PYTHON) -m check_jsonschema --builtin-schema vendor.compose-spec docker/compose.yaml

format: .venv/test.stamp ## put the Python files into shape
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .

requirements: .venv/test.stamp ## compile the pins anew from the requirements*.in
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check uv
	$(PYTHON) -m uv pip compile $(PIN_OPTIONS) requirements.in -o requirements.txt
	$(PYTHON) -m uv pip compile $(PIN_OPTIONS) docker/requirements.in -c requirements.txt -o docker/requirements.txt
	$(PYTHON) -m uv pip compile $(PIN_OPTIONS) requirements-dev.in -c docker/requirements.txt -o requirements-dev.txt
	$(PYTHON) -m uv pip compile $(PIN_OPTIONS) requirements-bench.in -o requirements-bench.txt

PIN_OPTIONS := --quiet --universal --python-version 3.11 --no-annotate --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make requirements"

# A stamp is written last: an install that was interrupted has none, and is done again.
.venv/run.stamp: requirements.txt | .venv/made.stamp
	@echo "Installing the packages of requirements.txt into .venv (once, about 2 minutes) ..."
	@$(PYTHON) -m pip install --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/test.stamp: requirements-dev.txt .venv/run.stamp
	@echo "Installing the packages of requirements-dev.txt into .venv (once, less than a minute) ..."
	@$(PYTHON) -m pip install --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# In a Python of their own: they need not fit the versions that Airflow needs.
.venv/peers.stamp: requirements-bench.txt | .venv/made.stamp
	@echo "Installing what the benchmark compares with into .venv/peers (once, about a minute) ..."
	@$(PYTHON) -m venv --clear .venv/peers
	@.venv/peers/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt \
		|| { rm -r .venv/peers; exit 1; }
	@touch $@

.venv/made.stamp:
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then \
		echo "Rollcall needs Python 3.11 or newer (to 3.14) with venv; here python3 is:" \
			"$$(python3 --version 2>&1 || true). Install one (on Debian: python3.11 python3.11-venv)," \
			"or name it: make run BOOTSTRAP_PYTHON=/path/to/python" >&2; exit 1; fi; \
	echo "Making .venv with $$("$$python" --version) ..."; \
	"$$python" -m venv --clear .venv
	@touch $@
