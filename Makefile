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

.PHONY: help demo test check screenshots clean
.DELETE_ON_ERROR:

help:
	@echo 'make demo     a magazine with its queue and a first picture  (PORT=8000 PROMPT="…")'
	@echo 'make test     the tests that need only PyPI                  (ARGS="-k orders")'
	@echo 'make check    lint, types, import contracts, migrations, tests'
	@echo 'make screenshots  the pictures of the README, taken by the browser tests'
	@echo 'make clean    remove the environments and the demo'"'"'s data'

demo: .venv/ready-demo
	@exec .venv/bin/python manage.py demo --port="$(PORT)" --prompt="$$PROMPT"

test: .venv-test/ready-test
	.venv-test/bin/python -m pytest $(ARGS)

check: .venv-test/ready-lint .venv-test/ready-test
	.venv-test/bin/python -m ruff check .
	.venv-test/bin/python -m ruff format --check .
	.venv-test/bin/lint-imports
	.venv-test/bin/python manage.py makemigrations --check --dry-run
	.venv-test/bin/python -m mypy
	.venv-test/bin/python -m pytest $(ARGS)

# The pictures of the README and the docs, from the browser tests: Chromium must be installed.
PICTURES = order status field states mobile
screenshots: .venv-test/ready-browser .venv-test/ready-test
	SEEDREAM_SCREENSHOTS=var/screenshots .venv-test/bin/python -m pytest -m browser tests/browser/test_docs_pictures.py
	.venv-test/bin/python -m tests.browser.keep_pictures var/screenshots docs/images $(PICTURES)

clean:
	rm -rf .venv .venv-test var build dist *.egg-info

# .venv/ready-demo is "the environment .venv has the extra demo"; it is renewed when the dependencies change.
.venv/ready-% .venv-test/ready-%: setup.cfg pyproject.toml
	@if ! "$(@D)/bin/python" -c "" 2>/dev/null; then \
	    python=$$(sh .ci/find-python) && echo "Making $(@D) with $$python …" && "$$python" -m venv --clear "$(@D)"; \
	fi
	@echo 'Installing into $(@D), which takes a minute the first time …'
	@"$(@D)/bin/python" -m pip install --quiet --editable ".[$*]"
	@touch "$@"
