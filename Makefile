# The two commands of a newcomer: `make run` opens the program, `make test` proves it. Each sets up what it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export PYTHONPATH := $(CURDIR)

.PHONY: run test test-fast check format screenshots package clean

run: $(READY)
	@packaging/run.sh

test: $(READY)
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest

test-fast: $(READY)
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -m "not slow"

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

screenshots: $(READY)
	@$(BIN)/python -m lens_desktop.ui.screenshots docs/screenshots

package: $(READY)
	$(BIN)/pip install -q -c constraints.txt -e ".[package]"
	$(BIN)/pyinstaller --noconfirm --distpath dist --workpath build packaging/lens-desktop.spec

# Debian packages first (Tesseract, Qt's libraries, the fonts), then the virtual environment
$(READY): pyproject.toml constraints.txt packaging/debian-packages.txt packaging/setup.sh
	@packaging/setup.sh $(PYTHON) $(VENV)
	@touch $@

clean:
	rm -rf $(VENV) build dist
