"""The paths of the stages' inputs and outputs, as named in dvc.yaml."""

from pathlib import Path

CODE = Path("data/code")  # <stage>.json, train/<method>.json
LISTING = Path("data/listing.txt")
RAW = Path("data/raw")  # <dataset>/
SUBSET = Path("data/subset")
PREDICTIONS = Path("data/predictions")  # <method>/
MODELS = Path("models")  # initial/, <method>/
METRICS = Path("metrics")  # <method>.json
CLASS_SIZES = Path("plots/class_sizes.csv")
TABLES = Path("plots/tables")  # <name>.csv
FIGURES = Path("plots/figures")  # <name>.png
SVG = Path("plots/svg")  # <name>.svg
