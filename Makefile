# make repro: the whole default run.  make test: the test suite.  make verify: does the last commit give its
# results again?  Each installs what it needs into .venv.

PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: repro recover check verify recheck bench bench-gpu test test-long test-slow test-processors lint lock \
	new-method new-study studies scale pages report which clean

repro: recover check
	dvc repro

# Repairs what a stop while DVC wrote its own files has cut short.
recover: .venv/installed
	python -m tools.recover

# Are the parameters valid, those of the studies, too? DVC, which reads them before any stage does, would say it
# in words of its own.
check: .venv/installed
	python -m tools.check

# Clones the last commit, runs it from nothing, and compares every result with the committed one.
verify: .venv/installed
	python -m tools.verify

# Trains a sample of every study's networks again. If they have the same bytes, their dvc.lock is that of the
# present code.  make recheck STUDY=mnist_step
recheck: .venv/installed
	python -m tools.recheck $(STUDY)

# How fast is the training on this machine, and where does the time of the default run go, or of a condition of a
# study? Prints tables.  make bench STUDY=mnist_step
bench: .venv/installed
	python -m benchmarks.cpu --pipeline $(STUDY)

# How fast is it on a GPU, and which way to train many networks at once is the fastest? Writes to benchmarks/.
bench-gpu: .venv/installed
	python -m benchmarks.gpu

# The tests of the stages, few and long, come first: last, one core would wait for the other.
test: .venv/installed
	pytest tests/stages tests imbalance --numprocesses auto --dist loadfile --no-loadscope-reorder \
		-m "not long and not slow and not network and not emulated"

# The longest of the tests that continuous integration runs, too.
test-long: .venv/installed
	pytest --numprocesses auto --dist loadfile -m "long and not slow and not network and not emulated"

# Those that take minutes, or need a package registry.
test-slow: .venv/installed
	pytest -m "slow or network"

# The same bytes on emulated processors; needs qemu-user.
test-processors: .venv/installed
	pytest -m emulated

# Style and types, as continuous integration checks them.
lint: .venv/installed
	ruff check .
	ruff format --check .
	mypy

# The results table of README.md, from the last run, the pages of the studies and claims, and that of the methods.
pages: .venv/installed
	python -m tools.pages

# One page with what the studies found, which opens anywhere: report/index.html
report: .venv/installed
	dvc repro report/dvc.yaml

# Which method for your own images? Trains six of them, and says what the images can tell.
# make which IMAGES=/path/to/images SET='image_folder.pixels=64 replicates=16'
which: .venv/installed
	@python -m tools.which "$(IMAGES)" $(SET)

# A new method: its file, its test, and its block of params.yaml.  make new-method NAME=my_loss
new-method: .venv/installed
	python -m tools.new_method $(NAME)

# A new study: its folder with parameters, pipeline and a page to fill in.  make new-study NAME=my_study
# Of another data set than that of params.yaml:  make new-study NAME=my_study DATASET=image_folder
new-study: .venv/installed
	python -m tools.new_study $(NAME) $(DATASET)

# The pipeline of every study, after another of its parameters has become a list, or a method has been added.
studies: .venv/installed
	python -m tools.studies

# Another scale of a study: its values in params.yaml, and what it costs.  make scale STUDY=mnist_step SCALE=smoke
scale: .venv/installed
	python -m tools.scale "$(STUDY)" "$(SCALE)"

# Exact versions and hashes for Linux on x86-64; elsewhere, the ranges of pyproject.toml. Then the page of
# `dvc plots`, which needs no network.
.venv/installed: pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
ifeq ($(shell uname -sm),Linux x86_64)
	pip install --quiet --require-hashes -r requirements.lock
else
	pip install --quiet --upgrade pip
	pip install --quiet --group dev .
endif
	python -m tools.plots_page
	touch $@

# The newest versions of all packages, into requirements.lock. Results may then differ: see `make verify`.
lock: .venv/installed
	pip install --quiet uv
	uv pip compile pyproject.toml --group dev --universal --fork-strategy fewest --generate-hashes \
		--no-header --no-annotate --quiet --upgrade --output-file requirements.lock

clean:
	rm -rf .venv
