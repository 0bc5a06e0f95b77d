from imbalance.evaluation import schemas


def test_tables_of_trainings_have_the_fields_of_their_rows() -> None:
    assert schemas.CURVE == {
        "method": "str",
        "replicate": "int64",
        "iteration": "int64",
        "train_accuracy": "float64",
        "test_accuracy": "float64",
    }
    assert schemas.TRIALS == {
        "method": "str",
        "replicate": "int64",
        "base_lr": "float64",
        "draw": "int64",
        "state": "str",
        "validation_auc": "float64",
        "test_auc": "float64",
        "kept": "bool",
    }


def test_a_column_has_the_same_type_in_every_table() -> None:
    types: dict[str, set[str]] = {}
    for schema in (schemas.CLASS_SIZES, *schemas.TABLES.values()):
        for name, kind in schema.items():
            types.setdefault(name, set()).add(kind)
    assert not [name for name, kinds in types.items() if len(kinds) > 1]
