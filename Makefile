# Tests and checks of CRM Pipeline. `make help` lists what there is.

BENCH ?= $(HOME)/frappe-bench
SITE ?= $(CRM_SITE)
ARGS ?=

VENV := .venv
VENV_PYTHON := $(VENV)/bin/python
BENCH_TESTS = $(VENV_PYTHON) scripts/site_tests.py --bench "$(BENCH)" --site "$(SITE)"

.DEFAULT_GOAL := help
.PHONY: help test test-site test-browser lint bench-help clean

help:
	@echo "make test          unit and contract tests; needs Python 3.10+ and nothing else"
	@echo "make test-site     site tests on a bench (BENCH=$(BENCH), SITE=... or the bench's default site)"
	@echo "make test-browser  Desk in a browser, on the same bench while it is running"
	@echo "make lint          ruff over the whole tree"
	@echo "make bench-help    what a bench needs and how the app gets onto it"
	@echo "make clean         remove .venv and caches"
	@echo
	@echo "ARGS=... goes to pytest, for example: make test ARGS='tests/unit -k remaining'"

test: $(VENV)/tests-ready
	$(VENV_PYTHON) -m pytest $(if $(filter tests%,$(ARGS)),,tests/unit tests/contract) $(ARGS)

test-site: $(VENV)/tests-ready
	$(BENCH_TESTS) -- $(if $(filter tests%,$(ARGS)),,tests/site) $(ARGS)

test-browser: $(VENV)/tests-ready
	$(BENCH_TESTS) -- $(if $(filter tests%,$(ARGS)),,tests/browser) $(ARGS)

lint: $(VENV)/lint-ready
	$(VENV)/bin/ruff check .

bench-help:
	@cat scripts/bench_help.txt

clean:
	rm -rf $(VENV) .pytest_cache .hypothesis .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/tests-ready: tests/requirements.txt scripts/make_venv.sh scripts/find_python.sh
	@echo "Setting up $(VENV) (once)"
	@PYTHON="$(PYTHON)" sh scripts/make_venv.sh $(VENV) -r tests/requirements.txt
	@touch $@

$(VENV)/lint-ready: $(VENV)/tests-ready
	@sh scripts/make_venv.sh $(VENV) "ruff>=0.6"
	@touch $@
