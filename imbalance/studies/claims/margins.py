"""The sizes of effects that count, and of notable ones, by measure (studies/claims/margins.yaml)."""

from typing import Annotated

from pydantic import Field

from imbalance.strict import Strict
from imbalance.studies.claims.schema import Names, Text


class Margins(Strict):
    """The sizes of effects on some measures (on some data sets): the smallest that counts, and a notable one.

    Both are in percentage points.
    """

    measures: Names
    datasets: tuple[Text, ...] = ()
    counts: Annotated[float, Field(gt=0)]
    notable: Annotated[float, Field(gt=0)]


class AllMargins(Strict):
    """The margins of all measures; the first that fit are taken."""

    margins: Annotated[tuple[Margins, ...], Field(min_length=1)]

    def of(self, measure: str, dataset: str) -> Margins | None:
        """Return the margins of a measure on a data set, or None if there are none."""
        return next(
            (
                each
                for each in self.margins
                if measure in each.measures and (not each.datasets or dataset in each.datasets)
            ),
            None,
        )
