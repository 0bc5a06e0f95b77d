"""The base class of methods that know what each error costs."""

from typing import Annotated

import torch
from pydantic import Field, field_validator
from torch import Tensor
from torch.nn.functional import one_hot

from imbalance.errors import InputError
from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.losses import Context, inverse_sizes, of_classes

Cost = Annotated[float, Field(ge=0, le=1e6)]
Row = Annotated[tuple[Cost, ...], Field(strict=False)]  # takes a list, as the rows of YAML are


class CostSensitive(Baseline):
    """A method with a cost matrix K: K[t, k] is the cost of the decision for class k if t is the true class.

    The field `costs` is K, a list of rows. By default, K[t, k] = N / (C n_t) for all k but t, where C counts
    the classes that have examples: every error on a class costs the same, and on average 1.
    """

    costs: tuple[Row, ...] | None = None

    @field_validator("costs")
    @classmethod
    def _costs_are_a_matrix(cls, costs: tuple[Row, ...] | None) -> tuple[Row, ...] | None:
        if costs is None:
            return None
        if len(costs) < 2:
            raise ValueError("there must be a row for each class, and so two rows at least")
        for label, row in enumerate(costs):
            if len(row) != len(costs):
                raise ValueError(
                    f"row {label} (from 0) has {len(row)} costs, and there are {len(costs)} rows; give the "
                    "cost of every decision for every true class"
                )
            if row[label]:
                raise ValueError(
                    f"cost {label} of row {label} (from 0) is that of a right decision, and must be 0, not "
                    f"{row[label]:g}"
                )
        return costs

    @property
    def corrects_priors(self) -> bool:
        """Whether the costs are by class sizes; given costs may have another purpose."""
        return self.costs is None

    def state(self, classes: int) -> dict[str, Tensor]:
        """Return the given costs (C, C); raises `InputError` if they are of another number of classes."""
        if self.costs is None:
            return {}
        if len(self.costs) != classes:
            raise InputError(
                f"`costs` is a matrix for {len(self.costs)} classes, and the data set has {classes}; give a "
                "row and a column for each class, in label order"
            )
        return {"costs": torch.tensor(self.costs)}

    def costs_of(self, targets: Tensor, context: Context) -> Tensor:
        """Return the costs (..., B, C) of all decisions on examples with the `targets` (..., B)."""
        errors = 1 - one_hot(targets, context.sizes.shape[-1])
        if self.costs is not None:
            return context.state["costs"][targets] * errors
        inverse = inverse_sizes(context)
        mean = (context.sizes * inverse).sum(dim=-1, keepdim=True) / context.sizes.sum(dim=-1, keepdim=True)
        return of_classes(inverse / mean, targets).unsqueeze(-1) * errors
