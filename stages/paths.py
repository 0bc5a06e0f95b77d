"""The paths of the stages' inputs and outputs, as named in dvc.yaml.

In a study, <condition>/ comes between a folder and a method or a file.
"""

from pathlib import Path

CODE = Path("data/code")  # <stage>.json, train/<method>.json
LISTING = Path("data/listing.txt")
RAW = Path("data/raw")  # <dataset>/
SUBSET = Path("data/subset")
PREDICTIONS = Path("data/predictions")  # <method>/
MODELS = Path("models")  # initial/, <method>/
METRICS = Path("metrics")  # <method>.json, or study.json
CLASS_SIZES = Path("plots/class_sizes.csv")
TABLES = Path("plots/tables")  # <name>.csv
TWO_CLASSES = Path("data/two_classes")  # <name>.csv, empty for more classes
STUDY = Path("plots/study")  # <name>.csv, <name>.tex
FIGURES = Path("plots/figures")  # <name>.png
SVG = Path("plots/svg")  # <name>.svg
