# The commands of this repository. CI runs the same ones. `make help` lists them.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

AGENTFOLD := target/release/agentfold
BIN := .venv/bin
PYTHON ?= python3
PYTHONS ?= $(foreach minor,10 11 12 13 14,$(firstword $(wildcard $(HOME)/.pyenv/versions/3.$(minor).*/bin/python3) python3.$(minor)))
DEMO := target/demo
PROCESSORS ?= x86_64 aarch64
REVISION ?= main
CHECKED ?= --package agentfold
MINUTES ?= 1
SHARE ?= 0/40
DENY ?= bans licenses sources
TARGETS ?= $(basename $(notdir $(wildcard fuzz/fuzz_targets/*.rs)))
# With zig, maturin links against the glibc of 2012 (manylinux 2.17), so that the wheel also runs on old systems.
WHEEL := --release $(if $(wildcard /lib*/ld-linux-*),--zig)
# It looks for zig in the Python that is first in PATH.
MATURIN := PATH="$(CURDIR)/$(BIN):$$PATH" maturin
MIRI := MIRIFLAGS=-Zmiri-disable-isolation PROPTEST_CASES=4 cargo +nightly miri
XTASK := cargo run --quiet --manifest-path crates/xtask/Cargo.toml --locked --
# In a folder of JavaScript: installs its packages if the lock file is newer, and then does what is given.
NPM = (test node_modules/.package-lock.json -nt package-lock.json || (npm ci --no-audit --no-fund $(1)))
PAGE = cd js/board && $(call NPM) && npm run --silent build
CRATES := agentfold-simulate agentfold-unpack agentfold-arrow agentfold-server agentfold-cli
PUBLISHED ?= agentfold $(CRATES)
TAKE_PAGE := page=crates/agentfold-server/page; rm -rf $$page; test ! -e js/board/dist/index.html || cp -r js/board/dist $$page
FEATURES = $(shell sed -n '/^\[features\]/,/^$$/s/^\([a-z-]*\) = .*/\1/p' crates/agentfold/Cargo.toml)
OLDEST_RUST = $(shell sed -n 's/^rust-version = "\(.*\)"/\1.0/p' Cargo.toml)

.PHONY: help install demo page pictures sample test testrust testjs testpy lint oldest deny lock crates publish features interface schemas bench benchjs benchpy load latency scale sizes api docs truth memory coverage mutants fuzz seeds determinism miri sanitize npm sbom archive release-check python installed pythons fresh wheels docstrings notebook spark reproducible glue node wasm nightly rust venv

help: ## List these commands
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 15

# Compiling takes longer than folding a day, so nothing is optimized or kept for a debugger or another compilation.
demo: export CARGO_INCREMENTAL := 0
demo: export CARGO_PROFILE_DEV_DEBUG := 0
demo: export CARGO_PROFILE_DEV_OPT_LEVEL := 0
demo: wasm ## Simulate a day of a support team, fold it, print the floor, and open the page on it in a browser
	@echo "Building what binds WebAssembly to JavaScript, and the module, without the steps that make it small ..."
	@$(XTASK) quick
	@echo "Building the page ..."
	@$(PAGE)
	@echo "Building the simulator, and simulating the day ..."
	@mkdir -p $(DEMO)
	@cargo run --package agentfold-simulate --example day --locked --quiet > $(DEMO)/day.ndjson
	@echo
	@echo "A day of 40 agents: 1 % of the events are lost, 3 % are delivered twice, all are up to two minutes late."
	@node js/board/summary.js $(DEMO)/day.ndjson 2026-01-05T06:00:00Z
	@echo
	@node js/board/demo.js $(DEMO)/day.ndjson 2026-01-05T06:00:00Z

install: page ## Install the command, with the page in its server
	cargo install --path crates/agentfold-cli --locked

pictures: page ## Take the README's pictures of the page (needs Chromium)
	@cd js && node board/pictures.js

sample: rust ## Regenerate the sample day of the page
	@cargo build --release --quiet --package agentfold-cli
	@mkdir -p $(DEMO)
	@$(AGENTFOLD) simulate --agents 40 --hours 24 --seed 7 --drop 0.01 --duplicate 0.03 --shuffle 120 | grep '^{"account_id":10000345,' | $(AGENTFOLD) state --save $(DEMO)/sample.fold > /dev/null
	@gzip -9 --no-name --stdout $(DEMO)/sample.fold > js/board/sample.fold.gz

# The crates that the wheel needs are compiled for the tests anyway, and with checks that a release lacks.
test: WHEEL :=
test: rust page docs installed ## Run all tests in all languages
	@# The command has the page that is built before it.
	cargo test --workspace --all-features --locked --no-run
	@# Many tests wait for another program, so that one suite alone leaves a processor idle.
	@$(MAKE) --no-print-directory --jobs 2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) testjs testrust testpy
	@node -e 'import("./js/tests/browser.js").then(({ reason }) => reason && console.log("Skipped: the tests of pages.", reason))'

testrust:
	@# It does not get the job server of make.
	env -u MAKEFLAGS cargo test --workspace --all-features --locked

testjs:
	cd js && AGENTFOLD=$(CURDIR)/target/debug/agentfold node --test tests/*.test.js

testpy:
	cd python && ../$(BIN)/pytest --quiet

crates: rust ## Pack the crates that are published, in target/package, the server's with its page if that is built
	@rm -rf target/package
	@$(TAKE_PAGE)
	@# The core first: it must not need another of these to be published before it.
	cargo package --package agentfold --no-verify --allow-dirty --locked --quiet
	cargo package $(addprefix --package ,agentfold $(CRATES)) --no-verify --allow-dirty --locked --quiet
	@for crate in agentfold $(CRATES); do \
		files=$$(cargo package --package $$crate --list --allow-dirty --locked); \
		for file in README.md LICENSE-APACHE LICENSE-MIT; do grep --line-regexp $$file <<< "$$files" > /dev/null || { echo "$$crate: no $$file in the package" >&2; exit 1; }; done; \
	done
	@tar -xzmf target/package/agentfold-[0-9]*.crate -C target/package
	@# As docs.rs does, with nothing but the package.
	cargo doc --manifest-path $$(echo target/package/agentfold-[0-9]*/Cargo.toml) --target-dir target --all-features --no-deps --locked --quiet

# The release publishes them, with a token for some minutes.
publish: rust
	@test -e js/board/dist/index.html || { echo "The server's page is not built: run \`make page\` first." >&2; exit 1; }
	@$(TAKE_PAGE)
	cargo publish $(addprefix --package ,$(PUBLISHED)) --allow-dirty --locked

page: glue ## Build the page, in js/board/dist
	@$(PAGE)

npm: page ## Build and pack the npm packages
	cd js && npm pack
	cd js/create && npm pack

sbom: npm venv ## List what each artefact contains, as CycloneDX in target/sbom, and check the lists
	$(BIN)/python release/sbom.py

archive: npm ## Build the command with its page, and pack it with completions and manual pages, in target/archives
	$(PYTHON) release/archive.py

release-check: npm crates python archive ## Build each artefact, install it in an empty folder, and run the READMEs' examples there
	cd python && $(MATURIN) sdist --out dist
	$(PYTHON) release/trial.py

python: rust venv ## Build the Python wheel, in python/dist
	@cp LICENSE-* python && rm -rf python/dist
	cd python && $(MATURIN) build $(WHEEL) --locked --out dist

# Installs the wheel into .venv.
installed: python
	@$(BIN)/pip install --quiet --force-reinstall --no-deps python/dist/*.whl

pythons: python ## Test the wheel in a fresh environment of each installed Python, and the sdist in one
	cd python && $(MATURIN) sdist --out dist
	@$(MAKE) --no-print-directory fresh

# Each Python takes the wheel in python/dist that fits it, or fails. Tests that need other packages are skipped, also
# in CI.
fresh:
	@for python in $(PYTHONS) sdist; do \
		package="--no-index --no-deps --find-links python/dist --only-binary :all: agentfold"; \
		if [ $$python = sdist ]; then python=$(PYTHON); package=python/dist/*.tar.gz; fi; \
		$$python -c '' 2> /dev/null || continue; \
		echo "$$($$python --version), $${package##* }"; \
		rm -rf target/fresh && $$python -m venv target/fresh; \
		target/fresh/bin/pip install --quiet $$(grep -E '^(pytest|tqdm)==' python/requirements-dev.txt) typing-extensions; \
		target/fresh/bin/pip install --quiet $$package; \
		(cd python && CI='' ../target/fresh/bin/pytest --quiet); \
	done

wheels: rust venv ## Build the wheels for Linux and the sdist, in python/dist; audit them, and test those that run here
	@cp LICENSE-* python && rm -rf python/dist
	@# One for CPython 3.10 and later, and one for a free-threaded CPython, which cannot load that one.
	@for target in $(foreach processor,$(PROCESSORS),$(processor)-unknown-linux-gnu $(processor)-unknown-linux-musl); do \
		rustup target list --installed | grep --line-regexp --quiet $$target || rustup target add $$target; \
		(cd python && $(MATURIN) build --release --locked --zig --target $$target --interpreter 3.10 3.14t --out dist); \
	done
	cd python && $(MATURIN) sdist --out dist
	$(BIN)/python python/wheels.py python/dist
	@$(MAKE) --no-print-directory fresh PYTHONS="$(PYTHONS) python3.14t"
	@$(BIN)/pip install --quiet --force-reinstall --no-index --no-deps --find-links python/dist --only-binary :all: agentfold
	@for processor in $(filter-out $(shell uname -m),$(PROCESSORS)); do \
		wheel=$$(echo python/dist/*abi3-manylinux*_$$processor.whl); \
		if command -v qemu-$$processor > /dev/null; then python/emulate.sh $$processor $$wheel; else echo "Without qemu-$$processor, not tested here: $$wheel"; fi; \
	done

docstrings: schemas installed ## Copy docstrings from Rust into the types of Python and TypeScript
	$(BIN)/python python/tests/docstrings.py

notebook: installed ## Run the Python notebook and save its outputs
	@cd python/examples && ../../$(BIN)/python -c "import nbclient, nbformat; day = nbformat.read('day.ipynb', 4); \
		nbclient.NotebookClient(day, record_timing=False).execute(); nbformat.write(day, 'day.ipynb')"

spark: installed ## Fold a million shuffled, repeated events on a local Spark, compare the result with one fold, and ask for reports
	@cargo build --release --quiet --package agentfold-cli
	@mkdir -p $(DEMO)
	@$(AGENTFOLD) simulate --agents 5000 --hours 9 --seed 1 --shuffle 120 | head -n 900000 > $(DEMO)/spark.ndjson
	@cd python && AGENTFOLD_MILLION=../$(DEMO)/spark.ndjson ../$(BIN)/pytest --quiet --capture=no -m slow tests/test_spark.py

lock: venv ## Pin all packages that python/requirements-dev.txt needs, with checksums
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --custom-compile-command "make lock" \
		--output-file python/requirements-dev.lock python/requirements-dev.txt

deny: rust venv ## Check licences, versions and sources of the crates; DENY=advisories asks for known vulnerabilities
	@for workspace in . crates/xtask crates/guide fuzz; do \
		$(BIN)/cargo-deny --log-level error --locked --config deny.toml --manifest-path $$workspace/Cargo.toml check --hide-inclusion-graph $(DENY); \
	done

lint: rust venv crates deny ## Check formatting, lints, docs, packages and dependencies
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features --locked -- --deny warnings
	@# One after the other, since the core and the command have one name, and so one folder.
	RUSTDOCFLAGS="--deny warnings" cargo doc --workspace --all-features --no-deps --locked --quiet --jobs 1
	$(BIN)/ruff format --quiet --check python
	$(BIN)/ruff check --quiet python
	$(BIN)/ruff format --quiet --check --config python/pyproject.toml release fuzz
	$(BIN)/ruff check --quiet --config python/pyproject.toml release fuzz
	$(BIN)/zizmor --quiet --offline --persona pedantic .github
	cd crates/xtask && cargo fmt --check && cargo clippy --locked -- --deny warnings
	cd crates/guide && cargo fmt --check
	cd fuzz && cargo fmt --check && cargo check --locked --quiet --target-dir ../target/fuzz
	@echo "Checking that the core depends on no binding, and on schemars only with its feature:"
	tree=$$(cargo tree --package agentfold --edges normal --locked); ! grep -E 'wasm-bindgen|js-sys|pyo3|schemars' <<< "$$tree"
	@echo "The core compiles without features:"
	cargo clippy --package agentfold --lib --no-default-features --locked --quiet -- --deny warnings
	@$(MAKE) --no-print-directory oldest

oldest: rust ## Compile the core with the oldest Rust that Cargo.toml names, or all crates with CHECKED=--workspace
	@rustup toolchain list | grep "^$(OLDEST_RUST)" > /dev/null || rustup toolchain install $(OLDEST_RUST) --profile minimal
	cargo +$(OLDEST_RUST) check $(CHECKED) --all-features --locked --quiet

features: rust ## Check the core with each of its features alone
	for feature in $(FEATURES); do cargo clippy --package agentfold --lib --no-default-features --features "$$feature" --locked --quiet -- --deny warnings; done

interface: glue nightly ## List the public items of the crate and of the npm package's module in tests/interface
	@command -v cargo-public-api > /dev/null || cargo install cargo-public-api --locked
	cargo +nightly public-api --package agentfold --all-features -sss > tests/interface/agentfold.txt
	node js/tests/interface.js

schemas: rust ## Regenerate the schemas after a change of the types
	@cargo build --quiet --package agentfold-cli --locked
	@rm -f schemas/*.json && mkdir -p schemas
	@for name in $$(target/debug/agentfold schema | cut -d ' ' -f 1); do target/debug/agentfold schema $$name > schemas/$$name.json; done

bench: rust ## Compare reading and folding with serde_json and sonic-rs, and measure answers as history grows
	cargo bench --package agentfold --locked

benchjs: glue ## Compare the npm package with JSON.parse, ajv and zod, in Node and workerd
	cd js && node bench/speed.js

benchpy: installed ## Compare the Python package with msgspec, orjson, polars and a plain webhook receiver, and measure tables
	@$(BIN)/python python/bench/speed.py
	@$(BIN)/python python/bench/deliveries.py
	@$(BIN)/python python/bench/tables.py

load: rust venv ## Send deliveries to the server and to plain receivers in Node and Python, with wrk
	@cargo build --release --quiet --package agentfold-cli
	@cd js/bench/receiver && $(call NPM)
	@$(BIN)/python python/bench/load.py

sizes: glue ## Show the size of each part of the WebAssembly module (needs twiggy)
	@node js/bench/sizes.js

api: glue ## Build the API page of the npm package, in js/docs/dist
	@cd js/docs && $(call NPM) && npm run --silent build

docs: api installed ## Build the guide and the references, in target/site, and check its links
	cargo run --quiet --manifest-path crates/guide/Cargo.toml --locked -- $(REVISION)
	@mkdir target/site/api && rm -rf target/rustdoc/doc
	cargo doc --package agentfold --all-features --no-deps --locked --quiet --target-dir target/rustdoc
	@cp -r target/rustdoc/doc target/site/api/rust
	@echo '<meta http-equiv="refresh" content="0; url=agentfold/index.html">' > target/site/api/rust/index.html
	@cp -r js/docs/dist target/site/api/typescript
	$(BIN)/python python/tests/reference.py target/site/api/python
	@# A script of rustdoc finds the lines of a source.
	$(BIN)/lychee --offline --include-fragments --no-progress --exclude '\.rs\.html#' target/site

latency: glue ## Measure the latency of webhook deliveries in workerd
	cd js && npm run --silent latency

scale: glue ## Measure what a long history takes in workerd
	@cargo build --release --quiet --package agentfold-cli
	@mkdir -p $(DEMO)
	@$(AGENTFOLD) simulate --agents 500 --hours 24 --seed 7 --feed availability > $(DEMO)/scale.ndjson
	cd js && node worker/scale.js ../$(DEMO)/scale.ndjson 90

truth: rust ## Measure how much is wrong when events are lost, and how much of it is doubtful
	@cargo test --quiet --release --package agentfold --locked --test all truth::what_lost -- --nocapture | grep '|'

memory: rust ## Measure the peak memory of folding a million events (needs GNU time)
	@cargo build --release --quiet --package agentfold-cli
	@mkdir -p $(DEMO)
	@$(AGENTFOLD) simulate --agents 5000 --hours 9 --seed 1 --duplicate 0.02 --shuffle 120 | head -n 1000000 > $(DEMO)/million.ndjson
	@/usr/bin/time -f "at most %M kB, %e s" $(AGENTFOLD) state $(DEMO)/million.ndjson > $(DEMO)/million.state

determinism: glue installed ## Compare the saved bytes of a day on processors, engines, threads and pieces (needs qemu-user, Chromium and Firefox)
	cargo build --package agentfold-cli --locked --quiet
	@rustup target list --installed | grep --line-regexp --quiet aarch64-unknown-linux-musl || rustup target add aarch64-unknown-linux-musl
	@# zig compiles and links the C of what its tests need for that processor.
	PATH="$(CURDIR)/$(BIN):$$PATH" cargo zigbuild --package agentfold --example save --target aarch64-unknown-linux-musl --locked --quiet
	@node js/tests/determinism.js

miri: nightly ## Run tests of the core under Miri, also as on a big-endian processor
	@# Tests read files, and a property is tried with few inputs.
	cd crates/agentfold && $(MIRI) test --lib --locked
	@# The C of what tests need is compiled, but not run.
	cd crates/agentfold && CC_s390x_unknown_linux_gnu=gcc $(MIRI) test --test saved --target s390x-unknown-linux-gnu --locked

sanitize: nightly venv ## Run threads under a sanitizer of threads, and the Python package under one of addresses (needs gcc)
	RUSTFLAGS=-Zsanitizer=thread cargo +nightly test -Zbuild-std --target x86_64-unknown-linux-gnu --target-dir target/sanitize --package agentfold --test threads --locked
	@rm -rf target/sanitize/python && mkdir -p target/sanitize/python
	cd python && RUSTFLAGS=-Zsanitizer=address RUSTUP_TOOLCHAIN=nightly $(MATURIN) build --locked --target x86_64-unknown-linux-gnu --target-dir ../target/sanitize --out ../target/sanitize/python
	$(BIN)/pip install --quiet --force-reinstall --no-deps --target target/sanitize/python/installed target/sanitize/python/*.whl
	@# How soon a call ends says nothing here, where all takes several times as long.
	cd python && LD_PRELOAD=$$(gcc -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0 PYTHONPATH=../target/sanitize/python/installed CI= \
		../$(BIN)/python -P -m pytest --quiet tests/test_fold.py tests/test_read.py tests/test_vectors.py tests/test_turns.py tests/test_arrow.py \
		--deselect tests/test_turns.py::test_ctrl_c_ends_a_long_call

coverage: rust ## Show how many lines of the core its tests run, and which not, in target/llvm-cov/html
	@command -v cargo-llvm-cov > /dev/null || cargo install cargo-llvm-cov --locked
	@rustup component add llvm-tools 2> /dev/null
	cargo llvm-cov --package agentfold --all-features --locked --html
	@cargo llvm-cov report --summary-only | sed -E 's/ +/ /g' | cut -d ' ' -f 1,8-10

mutants: rust ## Change the core in one place after the other, and see whether its tests notice: a 40th, or SHARE=0/400
	@command -v cargo-mutants > /dev/null || cargo install cargo-mutants --locked
	@# Each change compiles everything that needs the core, which takes longer than its tests. These need more stack then.
	CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_DEV_OPT_LEVEL=0 RUST_MIN_STACK=8388608 PROPTEST_CASES=24 cargo mutants --package agentfold --sharding round-robin --shard $(SHARE) --output target

fuzz: nightly ## Run each fuzz target for a minute, or MINUTES=60
	@command -v cargo-fuzz > /dev/null || cargo install cargo-fuzz --locked
	@$(PYTHON) fuzz/seeds.py unpack $(TARGETS)
	cargo +nightly fuzz build
	for target in $(TARGETS); do cargo +nightly fuzz run $$target -- -max_total_time=$$(($(MINUTES) * 60)); done

reproducible: TWICE := twice
reproducible: glue ## Build the WebAssembly module in two folders, and compare the bytes

seeds: nightly ## Keep some of the cases that the fuzz targets have found, in fuzz/seeds
	for target in $(TARGETS); do cargo +nightly fuzz cmin $$target; done
	@mkdir -p fuzz/seeds && $(PYTHON) fuzz/seeds.py pack $(TARGETS)

# Builds the WebAssembly module, its JavaScript and its types, in js/dist.
glue: node
	@rustup component list --installed | grep -q rust-src || rustup component add rust-src
	@echo "Building the WebAssembly module, which takes about a minute the first time ..."
	@$(XTASK) $(TWICE)

venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "Python is missing: install version 3.10 or later and try again." >&2; exit 1; }
	@# uv takes a third of the time that pip takes.
	@test .venv/installed -nt python/requirements-dev.lock || ($(PYTHON) -m venv --clear .venv && \
		$(BIN)/pip install --quiet --require-hashes --requirement <(sed -n '/^uv==/,/via/p' python/requirements-dev.lock) && \
		$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement python/requirements-dev.lock && touch .venv/installed)

node: wasm
	@cd js && $(call NPM,&& npm rebuild --ignore-scripts=false bun node-22 node-24)

# The nightly toolchain, with what Miri and the sanitizers need.
nightly: rust
	@rustup component list --toolchain nightly --installed 2> /dev/null | grep --quiet miri || rustup toolchain install nightly --profile minimal --component miri,rust-src

wasm: rust
	@command -v npm > /dev/null || { echo "Node is missing: install version 20.19 or later and try again." >&2; exit 1; }
	@rustup target list --installed | grep -q wasm32-unknown-unknown || rustup target add wasm32-unknown-unknown

rust:
	@command -v cargo > /dev/null || { echo "Rust is missing: install it from https://rustup.rs and try again." >&2; exit 1; }
	@cargo --version > /dev/null 2>&1 || rustup toolchain install
	@cargo clippy --version > /dev/null 2>&1 || rustup component add clippy
	@cargo fmt --version > /dev/null 2>&1 || rustup component add rustfmt
