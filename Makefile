# Everything a person or continuous integration runs.
#
#   make demo       set up, compile and run the example programs, print one table
#   make test       set up and run every test
#   make test-all   the Python tests also on CPython 3.12 and 3.13, where they are installed
#   make bench      compare with Numba, side by side
#   make lint       formatting, clippy, tidy
#   make wheel      build the wheel into dist/
#
# A step leaves a stamp and runs again only when something that it depends on is newer.

VENV   ?= .venv
PYTHON ?= $(shell scripts/find_python.sh)
STAMPS := $(VENV)/stamps
BIN    := $(VENV)/bin

TOOLCHAIN := $(shell scripts/rust_toolchain.sh)
ifneq ($(TOOLCHAIN),)
export RUSTUP_TOOLCHAIN := $(TOOLCHAIN)
endif

SOURCES := $(shell find crates python -type f -not -path '*/tests/*' -not -path '*/__pycache__/*' -not -name '*.so' 2>/dev/null)
SOURCES += Cargo.toml Cargo.lock pyproject.toml rust-toolchain.toml README.md

# The extension module takes its Python symbols from the interpreter that loads it, so it cannot be linked as a test
# program; pytest tests it.
CRATES := --workspace --exclude rumba_python

.PHONY: demo test test-crates pytest test-all bench lint wheel clean

demo: $(STAMPS)/installed
	$(BIN)/python -m examples

test: test-crates pytest

test-crates: $(STAMPS)/system
	@if cargo nextest --version >/dev/null 2>&1; then \
	    cargo nextest run --locked --no-tests=pass $(CRATES); \
	else \
	    cargo test --locked $(CRATES); \
	fi

pytest: $(STAMPS)/installed
	$(BIN)/python -m pytest

test-all: test
	@for version in 3.12 3.13; do \
	    python=$$(scripts/find_python.sh $$version); \
	    if [ -z "$$python" ]; then \
	        echo "CPython $$version: not installed, left out"; \
	    else \
	        echo "CPython $$version: $$python"; \
	        $(MAKE) --no-print-directory VENV=.venv-$$version PYTHON="$$python" pytest || exit 1; \
	    fi; \
	done

bench: $(STAMPS)/installed
	$(BIN)/python -m benches

lint: $(STAMPS)/system
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	$(PYTHON) scripts/tidy.py

wheel: $(STAMPS)/installed
	@ls -l dist/*.whl | awk '{printf "%.1f MB  %s\n", $$5 / 1e6, $$NF}'

clean:
	rm -rf .venv .venv-3.12 .venv-3.13 dist examples/out benches/out
	cargo clean

$(STAMPS)/system: scripts/check_system.sh scripts/rust_toolchain.sh rust-toolchain.toml
	PYTHON="$(PYTHON)" scripts/check_system.sh
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/venv: $(STAMPS)/system
	"$(PYTHON)" -m venv $(VENV)
	@touch $@

$(STAMPS)/requirements: requirements.txt $(STAMPS)/venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(STAMPS)/installed: $(SOURCES) $(STAMPS)/requirements
	scripts/install_wheel.sh $(BIN)/python
	@touch $@
