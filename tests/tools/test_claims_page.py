"""The page of the claims is that of the committed ledger."""

import re

import pandas as pd

from imbalance.data.tables import read
from imbalance.report.generated import CLAIMS
from imbalance.studies.claims.columns import LEDGER
from tools import claims_page


def test_the_committed_page_is_current() -> None:
    assert CLAIMS.within(claims_page.PAGE) == claims_page.current()


def test_all_claims_are_counted_once() -> None:
    table = read(claims_page.PAGE.parent / "plots/claims.csv", LEDGER)
    *_, last = claims_page.counted(table).splitlines()
    _, total, *numbers = [cell.strip() for cell in last.strip("|").split("|")]
    assert int(total) == sum(map(int, numbers[:-1])) == 107


def test_a_bar_in_a_statement_is_no_column() -> None:
    table = read(claims_page.PAGE.parent / "plots/claims.csv", LEDGER).head(1)
    text = claims_page.listed(pd.DataFrame(table.assign(statement="a | b")))
    assert "a / b" in text


def test_the_tally_has_every_verdict_of_the_ledger() -> None:
    ledger = pd.read_csv("studies/claims/plots/claims.csv")
    sentence = claims_page.tally()
    assert f"Of {len(ledger)} conclusions of {len(set(ledger['source']))} sources," in sentence
    every, starred = (
        {verdict: int(count) for verdict, count in re.findall(r"([a-z][a-z ]+) (\d+)[,.]", part)}
        for part in re.findall(r": ([^:]+)", sentence)
    )
    assert every == ledger["verdict"].value_counts().to_dict()
    assert starred == ledger.loc[ledger["starred"], "verdict"].value_counts().to_dict()
