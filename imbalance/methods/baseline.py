"""The baseline: do nothing about imbalance (Buda et al. 2018, §3.2). Every other method subclasses it.

    L = -1/B sum_i ln p[i, y_i]        p = softmax(z), z (B, C) logits of a batch, y (B,) labels

A method is a frozen set of hyper-parameters (the fields) and overrides only what it changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator
from torch import Tensor, nn

from imbalance.data.examples import Examples
from imbalance.methods.parts.losses import Context, cross_entropy
from imbalance.methods.parts.mixing import Mix
from imbalance.methods.parts.samplers import Indices, Instance, Labels, Sampler
from imbalance.methods.parts.training import Training
from imbalance.strict import Strict

Trains = Literal["network", "classifier", "nothing"]
# What networks end with: their own kind of classifier, scaled cosines, or centers; or several end together.
Head = Literal["own", "normalised", "centers", "ensemble"]


class Baseline(Strict):
    """What a method can change: what is trained, on which examples, by which loss, and what is done after it.

    The hooks stand in the order in which they are called. A replicate asks for the `members` and trains them
    one by one, each on the images that `remaining` leaves. The job of a member (imbalance/training/jobs.py)
    calls `head` and `prepare` before the training, and `finish` after it. The training loops call `state` and
    `epochs` once, `refresh` before every epoch, and for every batch `mix` and then `loss`.

    `start` names the networks to start from: "initial" (random weights) or another method of `params.yaml`.
    `lr_factor` multiplies the recipe's learning rate. `sampler` resamples the training set. `validation` is
    the fraction of it that is held out, stratified, before any sampling, for methods that adapt or tune.
    """

    kind: ClassVar[str] = "none"
    needs_trained_start: ClassVar[bool] = False
    asks_the_network: ClassVar[bool] = False  # during the training; it is then in no fleet
    needs_linear_classifier: ClassVar[bool] = False  # on flat features; all_cnn's is of convolutions
    is_sequential: ClassVar[bool] = False  # its members are trained one after another, as `remaining` says
    goes_on_from: ClassVar[tuple[Head, ...]] = ("own", "normalised")  # what its start may have ended with

    start: str
    lr_factor: float = Field(default=1, ge=1e-6, le=1000)
    sampler: Sampler = Instance()
    validation: float = Field(default=0, ge=0, lt=1)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.needs_trained_start and self.start == "initial":
            raise ValueError("needs trained features: `start` must name another method, such as oversampling")
        default = type(self).model_fields["sampler"].default
        has_its_own = type(self).epochs is not Baseline.epochs and isinstance(default, Instance)
        if has_its_own and not isinstance(self.sampler, Instance):
            raise ValueError(f"has a sampler of its own; drop `sampler: {{name: {self.sampler.name}}}`")
        if self.tunes and not self.validation:
            raise ValueError("tunes on held-out data: `validation` must be a fraction above 0, such as 0.1")
        return self

    @property
    def corrects_priors(self) -> bool:
        """Whether it makes up for the class priors other than by its sampler, by its loss for instance."""
        return False

    @property
    def corrects_twice(self) -> bool:
        """Whether both it and its sampler make up for the class priors."""
        return self.corrects_priors and not isinstance(self.sampler, Instance)

    @property
    def trains(self) -> Trains:
        """What is trained: all layers, the classifier on features that stay as they are, or nothing."""
        return "network"

    @property
    def tunes(self) -> bool:
        """Whether it chooses by the validation data, which its start must then not have been trained on."""
        return False

    def members(self) -> tuple["Baseline", ...]:
        """The methods of an ensemble's members, whose probabilities are averaged; by default, just this."""
        return (self,)

    def remaining(self, training: Examples, previous: Sequence[nn.Module]) -> Examples:
        """The images that the next member is trained on, given the trained `previous` ones; by default, all.

        A method that overrides it sets `is_sequential`.
        """
        return training

    def ends_with(self, start: Head) -> Head:
        """What its networks end with where those of its start ended with `start`; by default, the same."""
        return "ensemble" if len(self.members()) > 1 else start

    def head(self, classifier: Any, rng: np.random.Generator) -> nn.Module:
        """The classifier to train, in place of the start's: a fresh one, another kind of one, or the same.

        Another kind is one that `parts/classifiers.py` can build again, and `ends_with` names it.
        """
        return classifier

    def prepare(self, examples: Examples, rng: np.random.Generator) -> Examples:
        """The training set: images (n, channels, height, width), or features (n, D) if those are trained on.

        Methods that make synthetic examples append them here.
        """
        return examples

    def state(self, classes: int) -> dict[str, Tensor]:
        """What the loss sees besides the batch and `refresh` renews, by name; by default, nothing."""
        return {}

    def epochs(self, labels: Labels, rng: np.random.Generator, training: Training) -> Iterator[Indices]:
        """Endless epochs: positions in the prepared training set, by its `labels` (n,), in training order."""
        return self.sampler.epochs(labels, rng)

    def refresh(
        self, state: Mapping[str, Tensor], labels: Labels, rng: np.random.Generator, training: Training
    ) -> Mapping[str, Tensor]:
        """The state for the next epoch of the training set, by what the network says as it is now."""
        return state

    def mix(self, batch: int, rng: np.random.Generator) -> Mix | None:
        """How the examples of a batch are mixed with each other, behind the input layer; by default, not."""
        return None

    def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """The loss of a batch: logits (..., B, C) and targets (..., B) to (...), for any leading axes."""
        return cross_entropy(logits, targets).mean(dim=-1)

    def finish(
        self, classifier: Any, training: Examples, validation: Examples, rng: np.random.Generator
    ) -> nn.Module:
        """The classifier to predict with, given the trained one and the features (n, D) of real examples."""
        return classifier
