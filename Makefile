# Tests and checks of CRM Pipeline. `make help` lists what there is.

BENCH ?= $(HOME)/frappe-bench
SITE ?= $(CRM_SITE)
ARGS ?=
FILE ?=
# Set where the site's schema was brought up to date a moment ago.
PREPARED ?=
# Sites that a whole run of the site tests has: copies of the one, each with a process of its own.
SHARDS ?= 2

VENV := .venv
VENV_PYTHON := $(VENV)/bin/python
# What `make test` runs without a bench; a path in ARGS takes its place.
WITHOUT_BENCH = tests/unit tests/contract tests/benchless tests/site/portable
# A whole run uses the cores there are; a single test starts sooner without.
PARALLEL = -n auto --maxprocesses 8 --dist loadfile
BENCH_TESTS = $(VENV_PYTHON) -m scripts.site_tests --bench "$(BENCH)" --site "$(SITE)" $(if $(PREPARED),--prepared)

# A .venv that no longer runs (its Python is gone, the folder was moved) is set up anew.
CHECKED := $(shell test ! -e $(VENV)/host-ready || $(VENV_PYTHON) -c "import pypika" 2>/dev/null || rm -f $(VENV)/*-ready 2>/dev/null || echo stuck)
ifeq ($(CHECKED),stuck)
$(error $(VENV) does not run for this user, who may not set it up anew either: remove it, or copy the checkout without it)
endif

.DEFAULT_GOAL := help
.PHONY: help demo explore test journals test-site soak record-traces test-browser lint bench-help clean

help:
	@echo "make demo          a story from leads to a paid Sales Order; needs Python 3.10+ and nothing else"
	@echo "make explore       look around in what the demo left behind (ARGS=NAME shows one document)"
	@echo "make test          unit, contract and portable site tests, the latter on benchless; needs no more than that"
	@echo "make journals      what else happens in the portable tests, written anew; read the difference (tests/README.md)"
	@echo "make test-site     site tests on a bench (BENCH=$(BENCH), SITE=... or the bench's default site)"
	@echo "make soak          races and faults on a throw-away site of a bench, and a table (ARGS='--races 1000 --faults 1000')"
	@echo "make record-traces what ERPNext answers to benchless, recorded anew on a fresh site of the bench"
	@echo "make test-browser  Desk in a browser, on the same bench while it is running"
	@echo "make lint          ruff over the whole tree: its rules and its formatting"
	@echo "make bench-help    what a bench needs and how the app gets onto it"
	@echo "make clean         remove .venv and caches"
	@echo
	@echo "ARGS=... goes to pytest, for example: make test ARGS='tests/unit -k remaining'"

demo: $(VENV)/host-ready
	@$(VENV_PYTHON) -m benchless.walk.demo "$(FILE)"

explore: $(VENV)/host-ready
	@$(VENV_PYTHON) -m benchless.walk.explore $(if $(FILE),--file "$(FILE)") "$(ARGS)"

test: $(VENV)/tests-ready
	$(VENV_PYTHON) -m pytest $(if $(filter tests%,$(ARGS)),,$(PARALLEL) $(WITHOUT_BENCH)) $(ARGS)

journals: $(VENV)/tests-ready
	$(VENV_PYTHON) -m pytest $(PARALLEL) tests/site/portable --journals=renew $(ARGS)

test-site: $(VENV)/tests-ready
	$(BENCH_TESTS) $(if $(filter tests%,$(ARGS)),,--shards $(SHARDS)) -- $(if $(filter tests%,$(ARGS)),,tests/site) $(ARGS)

soak: $(VENV)/tests-ready
	$(BENCH_TESTS) --soak -- $(ARGS)

record-traces: $(VENV)/tests-ready
	$(BENCH_TESTS) -- --traces=renew tests/site/portable $(ARGS)

test-browser: $(VENV)/tests-ready
	$(BENCH_TESTS) -- $(if $(filter tests%,$(ARGS)),,tests/browser) $(ARGS)

lint: $(VENV)/lint-ready
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check --quiet .

bench-help:
	@cat scripts/bench_help.txt

clean:
	rm -f crm-demo.sqlite.*
	rm -rf $(VENV) .benchless .bytecode .pytest_cache .hypothesis .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/host-ready: benchless/requirements.txt scripts/make_venv.sh scripts/find_python.sh
	@echo "Setting up $(VENV) (once)"
	@PYTHON="$(PYTHON)" sh scripts/make_venv.sh $(VENV) -r benchless/requirements.txt
	@touch $@

$(VENV)/tests-ready: $(VENV)/host-ready tests/requirements.txt tests/requirements_parallel.txt
	@echo "Installing the test tools (once)"
	@PYTHON="$(PYTHON)" sh scripts/make_venv.sh $(VENV) -r tests/requirements.txt -r tests/requirements_parallel.txt
	@touch $@

$(VENV)/lint-ready: $(VENV)/tests-ready
	@sh scripts/make_venv.sh $(VENV) "ruff>=0.6"
	@touch $@
