"""The schemas of a run's tables, their columns and types: `evaluate` writes the tables, `plot` reads them."""

from typing import Any, get_type_hints

from imbalance.training.search import Trial

Schema = dict[str, str]  # the pandas type of each column, by its name

# The columns that are not floats. A column has the same type in every table.
TYPES: Schema = (
    dict.fromkeys(("method", "other", "rule", "measure", "class", "classes", "actual", "predicted"), "str")
    | dict.fromkeys(("panel", "line", "beside", "curve"), "str")
    | dict.fromkeys(("cut", "interval"), "str")
    | dict.fromkeys(
        ("replicate", "iteration", "label", "n", "images", "test_images", "better_than", "worse_than"),
        "int64",
    )
    | dict.fromkeys(("minority", "leads", "kept"), "bool")
)


def of_names(names: str) -> Schema:
    """Return the schema of columns whose names are given in one string.

    >>> of_names("rule value")
    {'rule': 'str', 'value': 'float64'}
    """
    return {name: TYPES.get(name, "float64") for name in names.split()}


def of_fields(row: type[Any]) -> Schema:
    """Return the schema of a table whose rows are instances of a dataclass: a column for each field."""
    types = {int: "int64", float: "float64", bool: "bool"}
    return {name: types.get(hint, "str") for name, hint in get_type_hints(row).items()}


CLASS_SIZES = of_names("replicate class images minority")
CURVE = of_names("method replicate iteration train_accuracy test_accuracy")
OF_ROLES = of_names("minority_train_recall minority_test_recall majority_train_recall majority_test_recall")
LEARNING = of_names("method replicate iteration label train_recall test_recall")
TRIALS = of_names("method replicate") | of_fields(Trial) | of_names("kept")
SUMMARY = of_names("method rule measure n mean std low high cut test_error interval leads")
# The tables that `evaluate` writes, by the names of their files.
TABLES: dict[str, Schema] = {
    "summary": SUMMARY,
    "replicates": of_names("method replicate rule measure value"),
    "comparisons": of_names(
        "method rule measure n difference low high cut p p_holm test_error interval leads"
    ),
    "recall": of_names(
        "method replicate rule class images test_images minority recall test_error auc average_precision"
    ),
    "roc": of_names("method classes fpr tpr"),
    "confusion": of_names("method rule actual predicted share"),
    "convergence": CURVE | OF_ROLES,
    "trials": TRIALS,
}
# Those that it writes of two classes only.
TWO_CLASSES: dict[str, Schema] = {
    "working_points": of_names(
        "method replicate rule threshold log_odds slope sensitivity specificity positive_predictive_value"
    ),
    "curves": of_names("method curve x y"),
    "reliability": of_names("method rule probability share low high mean_images"),
}
HELD_OUT = of_names("method replicate label logit_0 logit_1")  # as the trainings of two classes write them
# Those that a study has of each condition in Git, and stacks; it has no figure of the others.
STACKED = ("replicates", "summary", "comparisons", "recall", "convergence", "trials")
