import pytest

from imbalance import catalogue, methods
from imbalance.methods import parse
from tools.catalogue_page import catalogue_page, combines
from tools.pages import CATALOGUE


def test_the_page_is_that_of_the_code() -> None:
    assert CATALOGUE.read_text(encoding="utf-8") == catalogue_page(), "run `make pages`"


def test_it_has_every_method_with_its_equation() -> None:
    page = catalogue_page()
    for name in catalogue.names(methods):
        assert f"\n## {name}\n" in page
    assert "| [focal](#focal) | loss | a network | `gamma: 2`, `form: softmax` |" in page
    assert "\n    L = CE(z + tau ln n_c, y)" in page


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("baseline", "with any sampler, any class weights, any network, fleets"),
        (
            "mfe",
            "with any sampler, any network, fleets; not with class weights (it has no losses of examples)",
        ),
        ("oversampling", "with any class weights, any network, fleets; not with a sampler (it has its own)"),
        (
            "easy_ensemble",
            "with any sampler, any class weights, any network, fleets; "
            "not with methods that start from it (it ends as several networks)",
        ),
    ],
)
def test_it_says_what_a_method_combines_with(name: str, expected: str) -> None:
    assert combines(parse({"method": name, "start": "initial"})) == expected
