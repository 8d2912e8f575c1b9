# Everything here has plain commands beside it in the README. Paths are relative: the folder's name may have
# spaces in it.

PORT ?= 8000
PROMPT ?=
# As it was typed: a prompt may have a dollar sign in it.
override PROMPT := $(value PROMPT)
# More for pytest: make test ARGS="-k orders"
ARGS ?=

export PROMPT PYTHON
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help demo test test-servers lint check simulation bench messages docs release-check screenshots clean
.DELETE_ON_ERROR:

help:
	@echo 'make demo           a magazine whose pictures are made as you look  (PORT=8000 PROMPT="…")'
	@echo 'make test           the tests that need only PyPI  (ARGS="-k orders")'
	@echo 'make test-servers   the tests on databases and storages, which must be installed  (ARGS="-k stores")'
	@echo 'make check          what a change must pass: make lint (style, types, contracts, migrations), then the tests'
	@echo 'make simulation     ten thousand schedules of everything that goes wrong  (SCHEDULES=100)'
	@echo 'make bench          what is measured, and its plot: nothing else should run meanwhile  (ARGS=--quick)'
	@echo 'make messages       the catalogues, brought up to date, compiled and checked  (LOCALE=it adds one)'
	@echo 'make docs           the pages of docs/ as a site, into var/docs'
	@echo 'make screenshots    the pictures of README and docs, taken anew'
	@echo 'make release-check  both packages, built and tried, into dist/  (RELEASE=1 on the day itself)'
	@echo 'make clean          remove the environments, the packages and the demo'"'"'s data'

demo: .venv/ready-demo
	@exec .venv/bin/python manage.py demo --port="$(PORT)" --prompt="$$PROMPT"

test: .venv-test/ready-test
	.venv-test/bin/python -m pytest $(ARGS)

test-servers: .venv-test/ready-server .venv-test/ready-test var/azurite/ready
	.venv-test/bin/python -m pytest -m server -s $(ARGS)

lint: .venv-test/ready-lint .venv-test/ready-test
	.venv-test/bin/python -m ruff check .
	.venv-test/bin/python -m ruff format --check .
	.venv-test/bin/lint-imports
	.venv-test/bin/python manage.py makemigrations --check --dry-run
	.venv-test/bin/python -m mypy

check: lint
	.venv-test/bin/python -m pytest $(ARGS)

# Azure's storage, on this machine.
var/azurite/ready:
	@echo 'Installing Azurite into $(@D), which takes a minute …'
	@npm install --silent --no-fund --no-audit --prefix "$(@D)" azurite
	@touch "$@"

# A schedule that breaks prints the line that shows it again.
SCHEDULES ?= 10000
simulation: .venv-test/ready-test
	.venv-test/bin/python -m tests.simulation --schedules "$(SCHEDULES)" $(if $(filter 10000,$(SCHEDULES)),--least 50)

# Half an hour; tables, var/benchmarks/*.json and docs/images/benchmarks.svg. PostgreSQL must be installed.
bench: .venv-test/ready-server .venv-test/ready-test
	.venv-test/bin/python -m benchmarks $(ARGS)

# -P: beside the app's own queue.py Python's would not be found. Not LANG, which every shell has set.
messages: .venv-test/ready-test
	cd seedream_django && ../.venv-test/bin/python -P -m django makemessages --no-location --no-obsolete $(if $(LOCALE),--locale=$(LOCALE),--all)
	cd seedream_django && ../.venv-test/bin/python -P -m django compilemessages
	sh .ci/messages

docs: .venv-test/ready-docs
	.venv-test/bin/python docs/parameters.py --check
	.venv-test/bin/python -m sphinx -W --keep-going -n -q -b html docs var/docs
	@echo 'Open var/docs/index.html'

release-check: .venv-test/ready-package .venv-test/ready-test
	@bash .ci/release-check .venv-test/bin/python

# The pictures of the README and the docs, from the browser tests: Chromium must be installed.
PICTURES = magazine order status field states mobile money german french arabic
screenshots: .venv-test/ready-browser .venv-test/ready-test
	SEEDREAM_SCREENSHOTS=var/screenshots .venv-test/bin/python -m pytest -m browser -k "docs_pictures or to_pictures or picture_of_the_readme"
	.venv-test/bin/python -m tests.browser.keep_pictures var/screenshots docs/images $(PICTURES)
	.venv-test/bin/python -m tests.gallery

clean:
	rm -rf .venv .venv-test .venv-ci-* var build dist *.egg-info

# .venv/ready-demo is "the environment .venv has the extra demo"; it is renewed when the dependencies change.
.venv/ready-% .venv-test/ready-%: setup.cfg pyproject.toml
	@if ! "$(@D)/bin/python" -c "import pip" 2>/dev/null; then \
	    python=$$(sh .ci/find-python) && echo "Making $(@D) with $$python …" && "$$python" -m venv --clear "$(@D)"; \
	fi
	@echo 'Installing into $(@D), which takes a minute the first time …'
	@"$(@D)/bin/python" -m pip install --quiet --editable ".[$*]"
	@touch "$@"
