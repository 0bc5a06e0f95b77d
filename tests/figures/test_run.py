import itertools
from string import ascii_letters
from typing import Any

import matplotlib.style
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.markers import CARETLEFT, CARETRIGHT
from matplotlib.text import Text

from imbalance.evaluation.statistics import compare, summarize
from imbalance.figures import by_class, comparing
from imbalance.figures.drawing import STYLE, label, looks, p_value
from imbalance.figures.run import draw
from tests.builders.figures import ROLES, RULES, Tables, study

METHODS = ["baseline", "oversampling", "two_phase_over"]
MANY = [*METHODS, "large_margin_local_embedding", *(f"class_balanced_loss_{n}" for n in range(31))]
FASHION = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
]
HUNDRED = [f"aquatic_mammal_{n}" for n in range(100)]
THREE_RULES = ["argmax", "logit_adjustment", "prior"]


@pytest.fixture(scope="module")
def tables() -> Tables:
    return study(METHODS, FASHION, 4)


def laid_out(tables: Tables) -> dict[str, Figure]:
    """The stage's figures, with every text in its place."""
    with matplotlib.style.context(["default", STYLE]):
        drawn = draw(tables)
        for figure in drawn.values():
            figure.draw_without_rendering()
    return drawn


@pytest.fixture(scope="module")
def drawn(tables: Tables) -> dict[str, Figure]:
    return laid_out(tables)


def shown(figure: Figure) -> list[Text]:
    """Every text that can be seen."""
    outside = set()
    for axes in figure.findobj(Axes):
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
            beyond = [tick for tick in ticks if not low <= tick.get_loc() <= high]
            outside |= {text for tick in beyond for text in (tick.label1, tick.label2)}
    texts = set(figure.findobj(Text)) - outside
    return [text for text in texts if text.get_visible() and text.get_text().strip()]


def where(table: pd.DataFrame, **values: object) -> pd.DataFrame:
    """The rows that have these values."""
    return table[(table[list(values)] == pd.Series(values)).all(axis=1)]


def words(figure: Figure) -> str:
    return " | ".join(text.get_text().replace("\n", " ") for text in shown(figure))


def drawn_intervals(axes: Axes) -> set[tuple[float, float]]:
    ends = [container.lines[2][0].get_segments()[0][:, 0] for container in axes.containers]
    return {(round(low, 9), round(high, 9)) for low, high in ends}


def intervals_of(table: pd.DataFrame, measure: str) -> set[tuple[float, float]]:
    rows = where(table, measure=measure)
    return set(zip(rows["low"].round(9), rows["high"].round(9), strict=True))


@pytest.mark.parametrize(
    "name", ["auc", "accuracy", "differences", "recall", "roc", "confusion", "convergence"]
)
def test_every_method_is_named(drawn: dict[str, Figure], name: str) -> None:
    for method in METHODS:
        assert label(method) in words(drawn[name])


@pytest.mark.parametrize("name", ["class_sizes", "recall", "confusion"])
def test_every_class_is_named(drawn: dict[str, Figure], name: str) -> None:
    for each in FASHION:
        assert each in words(drawn[name])


CASES: dict[str, dict[str, Any]] = {
    "three rules": {"methods": METHODS, "classes": FASHION, "replicates": 6, "rules": THREE_RULES},
    "one replicate": {"methods": METHODS, "classes": FASHION, "replicates": 1},
    "no minority": {"methods": METHODS, "classes": FASHION, "replicates": 3, "minority": False},
    "the baseline alone": {
        "methods": ["baseline"],
        "classes": ["0", "1"],
        "replicates": 1,
        "minority": False,
    },
    "35 methods": {"methods": MANY, "classes": ["0", "1", "2"], "replicates": 2},
    "100 classes": {"methods": METHODS, "classes": HUNDRED, "replicates": 2},
    "two classes, unequal": {
        "methods": METHODS,
        "classes": ["benign", "malignant"],
        "replicates": 2,
        "test_images": [900, 100],
        "spread": 1,
    },
    "names of 1 to 20 letters": {
        "methods": [*METHODS, "x"],
        "classes": [ascii_letters[:n] for n in range(1, 21)],
        "replicates": 20,
    },
    "an incomplete last row": {
        "methods": [*METHODS, "x", "y"],
        "classes": FASHION,
        "replicates": 6,
        "stuck": [("baseline", 0), ("baseline", 1), ("x", 2), *(("y", n) for n in range(6))],
    },
}


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_clipped_and_no_texts_overlap(case: str) -> None:
    for name, figure in laid_out(study(**CASES[case])).items():
        texts = shown(figure)
        x0, y0, x1, y1 = np.array([text.get_window_extent().extents for text in texts]).T
        clipped = (x0 < 0) | (y0 < 0) | (x1 > figure.bbox.width) | (y1 > figure.bbox.height)
        assert [texts[index].get_text() for index in np.flatnonzero(clipped)] == [], name
        apart = (x0[:, None] >= x1 - 1) | (y0[:, None] >= y1 - 1)
        overlapping = ~(apart | apart.T) & ~np.eye(len(texts), dtype=bool)
        assert [(texts[a].get_text(), texts[b].get_text()) for a, b in np.argwhere(overlapping)] == [], name


def test_class_sizes_shows_one_replicate_and_says_so(tables: Tables, drawn: dict[str, Figure]) -> None:
    first = tables["class_sizes"].query("replicate == 0").reset_index()
    for bar in drawn["class_sizes"].axes[0].patches:
        row = first.iloc[round(bar.get_x() + bar.get_width() / 2)]
        assert bar.get_height() == row["images"]
        assert bool(bar.get_hatch()) == row["minority"]
    assert "replicate 0 of 4; the others give these sizes to other classes" in words(drawn["class_sizes"])
    other = tables["class_sizes"].copy()
    other.loc[other["replicate"] == 1, "images"] += 1
    assert "replicate 0 of 4; the others' differ" in words(by_class.class_sizes(other))
    fixed = tables["class_sizes"].assign(images=100, minority=False)
    assert "replicate 0 of 4; the same in all" in words(by_class.class_sizes(fixed))


@pytest.mark.parametrize("measure", ["auc", "accuracy"])
def test_intervals_and_replicates_are_those_of_the_tables(
    tables: Tables, drawn: dict[str, Figure], measure: str
) -> None:
    (axes,) = drawn[measure].axes
    assert drawn_intervals(axes) == intervals_of(tables["summary"], measure)
    dots = [
        dot for points in axes.collections for dot in points.get_offsets() if len(points.get_offsets()) == 4
    ]
    values = where(tables["replicates"], measure=measure)["value"]
    assert set(values) <= {dot[0] for dot in dots}


def test_rows_are_in_the_order_of_the_table_and_rules_in_lanes_with_their_own_fill() -> None:
    tables = study(METHODS, FASHION, 2, rules=THREE_RULES)
    (axes,) = comparing.measure(tables["summary"], tables["replicates"], "accuracy", "Accuracy").axes
    assert [text.get_text() for text in axes.get_yticklabels()] == [label(method) for method in METHODS]
    means = tables["summary"].query("measure == 'accuracy'").sort_values("rule", kind="stable")
    markers = {float(container.lines[0].get_xdata()[0]): container.lines[0] for container in axes.containers}
    for method, rule, mean in means[["method", "rule", "mean"]].itertuples(index=False):
        height = METHODS.index(method) + {"argmax": -0.22, "logit_adjustment": 0, "prior": 0.22}[rule]
        assert markers[mean].get_ydata() == pytest.approx([height])
        assert (markers[mean].get_markerfacecolor() == "white") == (rule == "prior")
        assert (markers[mean].get_fillstyle() == "left") == (rule == "logit_adjustment")


def test_differences_are_those_of_the_table(tables: Tables, drawn: dict[str, Figure]) -> None:
    for axes, measure in zip(drawn["differences"].axes, ["auc", "accuracy", "minority_recall"], strict=True):
        assert drawn_intervals(axes) == intervals_of(tables["comparisons"], measure)
        written = [text.get_text() for text in axes.child_axes[0].get_yticklabels()]
        assert written == [p_value(p, 4) for p in where(tables["comparisons"], measure=measure)["p_holm"]]


def test_p_values_are_written_as_in_papers() -> None:
    assert [p_value(p, 6) for p in (0.01234, 0.00001, np.nan)] == ["p = 0.012", "p < 0.001", "no test"]
    assert p_value(np.nan, 1) == ""


def test_recall_separates_the_roles_of_a_class(tables: Tables, drawn: dict[str, Figure]) -> None:
    panels = {axes.get_title("left"): axes for axes in drawn["recall"].axes}
    for role, (rule, name) in itertools.product(
        ROLES, zip(RULES, ["argmax", "thresholding (prior)"], strict=True)
    ):
        rows = where(tables["recall"], minority=role == "minority", rule=rule)
        means = rows.groupby(["method", "class"])["recall"].mean()
        cells = panels[f"{role} classes, {name}"].images[0].get_array()
        assert cells is not None
        for (row, method), (column, each) in itertools.product(enumerate(METHODS), enumerate(FASHION)):
            expected = means.get((method, each))
            assert cells[row, column] == pytest.approx(expected) if expected else cells.mask[row, column]


def test_without_a_minority_there_is_one_role() -> None:
    balanced = study(METHODS, FASHION, 2, minority=False)
    assert "all classes, argmax" in words(by_class.recall(balanced["recall"]))
    assert "none is a minority" in words(by_class.roc(balanced["roc"]))
    assert "minority recall" not in words(comparing.differences(balanced["comparisons"]))


def test_one_replicate_is_said_to_have_no_interval() -> None:
    once = study(METHODS, FASHION, 1)
    assert "no interval" in words(comparing.measure(once["summary"], once["replicates"], "auc", "AUC"))
    assert "no interval" in words(comparing.differences(once["comparisons"]))


def test_the_baseline_alone_leaves_nothing_to_compare() -> None:
    alone = where(study(["baseline"], FASHION, 2)["comparisons"], measure="auc")
    assert "nothing to compare" in words(comparing.differences(alone))


def test_confusion_rows_are_true_classes(tables: Tables, drawn: dict[str, Figure]) -> None:
    keys = itertools.product(METHODS, RULES)
    for axes, (method, rule) in zip(drawn["confusion"].axes, keys, strict=False):
        assert label(method) in axes.get_title("left")
        shares = where(tables["confusion"], method=method, rule=rule)["share"].to_numpy()
        cells = axes.images[0].get_array()
        assert cells is not None
        assert np.asarray(cells) == pytest.approx(shares.reshape(len(FASHION), len(FASHION)))
    first = drawn["confusion"].axes[0]
    assert [text.get_text() for text in first.get_yticklabels()] == FASHION


def test_roc_leaves_out_what_a_log_axis_cannot_show(tables: Tables, drawn: dict[str, Figure]) -> None:
    for axes, group in zip(drawn["roc"].axes, ROLES, strict=True):
        assert axes.get_xscale() == "log"
        for line, method in zip(axes.lines, METHODS, strict=True):
            curve = where(tables["roc"], method=method, classes=group).query("fpr > 0")
            assert np.array_equal(np.asarray(line.get_xydata()), curve[["fpr", "tpr"]].to_numpy())


def test_convergence_draws_the_mean_and_the_range_of_replicates(
    tables: Tables, drawn: dict[str, Figure]
) -> None:
    for axes, method in zip(drawn["convergence"].axes, METHODS, strict=True):
        curves = where(tables["convergence"], method=method).groupby("iteration")
        for line, band, name in zip(
            axes.lines, axes.collections, ["test_accuracy", "train_accuracy"], strict=False
        ):
            assert np.asarray(line.get_ydata()) == pytest.approx(curves[name].mean().to_numpy())
            heights = band.get_paths()[0].vertices[:, 1]
            assert (heights.min(), heights.max()) == (curves[name].min().min(), curves[name].max().max())


def test_balanced_accuracy_leads_where_test_classes_are_unequal() -> None:
    unequal = draw(study(METHODS, ["benign", "malignant"], 3, test_images=[900, 100]))
    assert "Balanced accuracy: the mean recall of the classes" in words(unequal["accuracy"])
    assert "balanced accuracy, % points" in words(unequal["differences"])
    assert "plain accuracy, of test classes of unequal size" in words(unequal["convergence"])
    equal = draw(study(METHODS, ["benign", "malignant"], 3))
    assert "alanced accuracy" not in words(equal["accuracy"]) + words(equal["differences"])


def test_axes_never_leave_the_range_of_a_measure_and_cut_intervals_have_arrows() -> None:
    wide = study(METHODS, FASHION, 2, spread=1)
    drawn = draw(wide)
    for name in ("auc", "accuracy"):
        (axes,) = drawn[name].axes
        low, high = axes.get_xlim()
        assert low >= 0
        assert high <= 1
        arrows = [line for line in axes.lines if line.get_marker() in (CARETLEFT, CARETRIGHT)]
        rows = where(wide["summary"], measure=name)
        assert len(arrows) == rows["cut"].map({"none": 0, "low": 1, "high": 1, "both": 2}).sum() > 0
        assert "arrow: cut at the measure's limit" in words(drawn[name])
    for axes in drawn["differences"].axes:
        assert -1 <= axes.get_xlim()[0] <= axes.get_xlim()[1] <= 1
    for axes in (*drawn["convergence"].axes, *drawn["roc"].axes, *drawn["search"].axes):
        assert 0 <= axes.get_ylim()[0] <= axes.get_ylim()[1] <= 1


def test_equal_replicates_are_not_drawn_as_certainty() -> None:
    tables = study(METHODS, FASHION, 2)
    keys = ["method", "rule", "measure"]
    same = tables["replicates"].assign(value=lambda table: table.groupby(keys)["value"].transform("first"))
    summary, comparisons = (
        made(same).assign(leads=before["leads"], interval="x", test_error=0.01)
        for made, before in ((summarize, tables["summary"]), (compare, tables["comparisons"]))
    )
    (axes,) = comparing.measure(summary, same, "accuracy", "Accuracy").axes
    assert not any(segment.size for bar in axes.containers for segment in bar.lines[2][0].get_segments())
    assert "no interval: too few distinct replicates" in words(axes.get_figure())
    forest = comparing.differences(comparisons)
    assert "no test" in words(forest)
    assert "no interval, no test: too few distinct replicates" in words(forest)
    assert "p <" not in words(forest)


def test_what_an_interval_covers_and_what_it_does_not_is_said(drawn: dict[str, Figure]) -> None:
    for name in ("auc", "accuracy", "differences"):
        assert "over training images, weights and batches, on the same test images" in words(drawn[name])
        assert "test images alone: ±" in words(drawn[name])
    assert "p is corrected for the comparisons of a measure (Holm), intervals are not" in words(
        drawn["differences"]
    )
    assert "900 to 1,000 test images a class" in words(drawn["recall"])


def test_stuck_networks_are_named_wherever_they_are_left_out() -> None:
    some = draw(study(METHODS, FASHION, 6, stuck=[("baseline", 0), ("baseline", 1), ("oversampling", 2)]))
    for name in ("auc", "accuracy", "differences", "recall", "roc", "confusion", "convergence"):
        assert "stuck networks are left out (baseline 2 of 6, oversampling 1 of 6)" in words(some[name])
    assert "95 % interval of 4 to 6 replicates" in words(some["auc"])
    none = draw(study(METHODS, FASHION, 2, stuck=[("baseline", 0), ("baseline", 1)]))
    assert "no baseline" in words(none["auc"])
    assert "dotted line" not in words(none["auc"])
    assert "nothing to compare" in words(none["differences"])


def test_few_classes_have_their_percentages_written_in() -> None:
    tables = study(["baseline"], ["benign", "malignant"], 2)
    figure = by_class.confusion(tables["confusion"])
    written = [text.get_text() for text in figure.axes[0].texts]
    shares = where(tables["confusion"], rule="argmax")["share"]
    assert written == [f"{100 * share:.1f}" for share in shares]
    assert "(in %)" in words(figure)


def test_two_classes_have_one_roc_curve() -> None:
    figure = by_class.roc(study(METHODS, ["benign", "malignant"], 2)["roc"])
    (axes,) = figure.axes
    assert "the minority class, against the other" in words(figure)
    assert axes.get_xlim() == pytest.approx((1e-4, 1))


def test_names_of_classes_are_flat_where_there_is_room() -> None:
    long, short = (study(METHODS, [name + str(n) for n in range(10)], 2) for name in ("pullover", "k"))
    for tables, angle in ((long, 90), (short, 0)):
        axes = by_class.class_sizes(tables["class_sizes"]).axes[0]
        assert {text.get_rotation() for text in axes.get_xticklabels()} == {angle}
    pair = study(METHODS, ["a benign tumour", "a malignant tumour"], 2)
    axes = by_class.class_sizes(pair["class_sizes"]).axes[0]
    assert {text.get_rotation() for text in axes.get_xticklabels()} == {0}


def test_a_method_looks_the_same_in_every_figure(drawn: dict[str, Figure]) -> None:
    expected = [look.color for look in looks(METHODS).values()]
    assert [line.get_color() for line in drawn["roc"].axes[0].lines] == expected
    assert [axes.lines[0].get_color() for axes in drawn["convergence"].axes] == expected
    for name in ("auc", "differences"):
        colors = [to_hex(c.lines[0].get_color()).upper() for c in drawn[name].axes[0].containers]
        assert colors == (expected if name == "auc" else expected[1:])


def test_forty_methods_can_be_told_apart() -> None:
    chosen = looks(["baseline", *map(str, range(42))])
    assert len({(look.color, look.marker) for look in chosen.values()}) == 43
    assert chosen["baseline"].color == "#000000"
    assert looks(["x", "baseline", "y"]) == looks(["baseline", "x", "y"])
