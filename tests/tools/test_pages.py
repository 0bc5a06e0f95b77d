import pandas as pd

from imbalance import catalogue, methods
from tools.pages import CATALOGUE, catalogue_page, results_table, with_results

SUMMARY = pd.DataFrame(
    [
        ("baseline", "any", "auc", 3, 0.9, 0.88, 0.92),
        ("baseline", "argmax", "accuracy", 3, 0.5, 0.4, 0.6),
        ("two_phase", "argmax", "accuracy", 3, 0.625, 0.6, 0.65),
    ],
    columns=["method", "rule", "measure", "n", "mean", "low", "high"],
)
COMPARISONS = pd.DataFrame(
    [("two_phase", "argmax", "accuracy", 0.125, 0.1, 0.15, 0.012)],
    columns=["method", "rule", "measure", "difference", "low", "high", "p_holm"],
)


def test_the_page_of_the_methods_is_that_of_the_code() -> None:
    assert CATALOGUE.read_text(encoding="utf-8") == catalogue_page(), "run `make pages`"


def test_the_page_has_every_method_with_its_equation_or_reason() -> None:
    page = catalogue_page()
    for name in catalogue.names(methods):
        assert f"\n## {name}\n" in page
    assert "| [focal](#focal) | loss | a network | `gamma: 2`, `alpha: none`, `form: softmax` |" in page
    assert "\n    L = CE(z + tau ln n_c, y)" in page


def test_results_table_by_hand() -> None:
    table = results_table(SUMMARY, COMPARISONS)
    assert "| baseline | argmax | 90.00 ± 2.00 | 50.00 ± 10.00 |  |  |  |" in table
    assert "| two phase | argmax |  | 62.50 ± 2.50 |  | +12.5 (+10.0 to +15.0) | 0.012 |" in table


def test_the_table_goes_between_the_markers_and_nothing_else_changes() -> None:
    readme = "before\n<!-- results: make pages -->\nold\n<!-- end of results -->\nafter\n"
    once = with_results(readme, "new\n")
    assert "old" not in once
    assert once.startswith("before\n")
    assert once.endswith("\nafter\n")
    assert with_results(once, "new\n") == once
