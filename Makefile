# The two commands of the README: `make demo` and `make test`. Everything they need they install themselves (tools/install).
BUILD ?= build
JOBS ?= 2
PYTHON = .venv/bin/python
# One cache for every build folder of a checkout.
export CCACHE_NOHASHDIR := 1
export PATH := $(CURDIR)/.venv/bin:$(PATH)
CMAKE = cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo
SEEDS ?= 5000

.PHONY: help demo build test test-cpp test-python sim lint tidy format bench asan asan-python tsan wheel wheel-test data docs clean install-run install-dev install-bench

help:  ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

demo: build data  ## Install, build and run the main job on real data
	$(BUILD)/apps/swath demo

build: install-run  ## The engine, the command and the Python package, in BUILD
	@$(CMAKE) -DSWATH_BUILD_TESTS=OFF >/dev/null
	@cmake --build $(BUILD) -j $(JOBS)
	@tools/develop $(BUILD)

test: build-test data  ## All tests: C++, scenarios, simulation, Python, docs
	@rc=0; $(MAKE) --no-print-directory test-cpp || rc=1; $(MAKE) --no-print-directory test-python || rc=1; exit $$rc

.PHONY: build-test
build-test: install-dev
	@$(CMAKE) -DSWATH_BUILD_TESTS=ON >/dev/null
	@cmake --build $(BUILD) -j $(JOBS)
	@tools/develop $(BUILD)

test-cpp:  ## The C++ tests of the tree built last (labels: fast, sim)
	ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

test-python:  ## The Python tests of the tree built last
	$(PYTHON) -m pytest -q tests/python

sim: build-test  ## The seeded simulator: make sim SEEDS=100000
	$(BUILD)/tests/sim/swath_sim --seeds $(SEEDS)

lint: install-dev tidy  ## Layers and sizes, clang-format, ruff, mypy, clang-tidy on what changed
	tools/lint

tidy:  ## Layers, sizes, names (also a test)
	@python3 tools/tidy

format:  ## Rewrite the tree in the house style
	git ls-files '*.cc' '*.h' | xargs clang-format-14 -i
	$(PYTHON) -m ruff format -q python tests tools benchmarks examples

bench: install-bench build data  ## Benchmarks against peers in one run: tables in benchmarks/results
	$(PYTHON) benchmarks/run.py $(SUITES)

# Sanitizer builds have folders of their own and no Python module, so `import swath` keeps finding BUILD.
asan: install-dev  ## All C++ tests under AddressSanitizer and UBSan, in build-asan
	cmake -S . -B build-asan -G Ninja -DSWATH_SANITIZE=address,undefined -DSWATH_BUILD_PYTHON=OFF >/dev/null
	cmake --build build-asan -j $(JOBS)
	ARROW_DEFAULT_MEMORY_POOL=system UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
	  ctest --test-dir build-asan --output-on-failure -j $(JOBS)

# Without the tests that measure the memory of the process.
PYTHON_TESTS_ASAN = $(filter-out %_memory.py,$(wildcard tests/python/test_array*.py tests/python/test_dataframe*.py tests/python/test_io*.py))
asan-python: install-dev  ## Python tests of arrays, tables and files, the engine under AddressSanitizer and UBSan
	cmake -S . -B build-asan -G Ninja -DSWATH_SANITIZE=address,undefined -DSWATH_BUILD_PYTHON=ON >/dev/null
	cmake --build build-asan -j $(JOBS) --target _core
	LD_PRELOAD="$$(g++ -print-file-name=libasan.so) $$(g++ -print-file-name=libubsan.so) $$(g++ -print-file-name=libstdc++.so.6)" \
	  ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 ARROW_DEFAULT_MEMORY_POOL=system \
	  PYTHONPATH=python SWATH_BUILD_DIR=$(CURDIR)/build-asan $(PYTHON) -m pytest -q --capture=no $(PYTHON_TESTS_ASAN)

tsan: install-dev  ## The fast C++ tests under ThreadSanitizer, in build-tsan
	cmake -S . -B build-tsan -G Ninja -DSWATH_SANITIZE=thread -DSWATH_BUILD_PYTHON=OFF >/dev/null
	cmake --build build-tsan -j $(JOBS)
	TSAN_OPTIONS=ignore_noninstrumented_modules=1:die_after_fork=0 \
	  ctest --test-dir build-tsan --output-on-failure -L fast

wheel: install-run  ## dist/swath-*.whl
	CC=cc CXX=c++ $(PYTHON) -m pip wheel -q --no-deps --no-build-isolation -w dist .

wheel-test: wheel  ## Install that wheel in a new environment and run arrays, tables and the demo from it (slow)
	tools/wheel_test

data: install-run
	@tools/data

clean:  ## Remove what was built (not .venv, not data)
	rm -rf $(BUILD) build-asan build-tsan dist

install-run install-dev install-bench: install-%:
	@tools/install $*
