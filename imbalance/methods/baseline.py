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
from imbalance.methods.parts.class_weights import Equal, Weights
from imbalance.methods.parts.losses import Context, cross_entropy
from imbalance.methods.parts.mixing import Mix
from imbalance.methods.parts.samplers import Indices, Instance, Labels, Sampler
from imbalance.methods.parts.training import Training
from imbalance.strict import Strict

Trains = Literal["network", "classifier", "nothing"]
# The last part of a network: its own kind of classifier, scaled cosines, centers of classes or of clusters in
# them; or an ensemble.
Head = Literal["own", "normalised", "centers", "clusters", "ensemble"]


class Baseline(Strict):
    """All that a method can change: what is trained, on which examples, by which loss, and what follows.

    The hooks stand in the order in which they are called. A replicate requests the `members`, and trains each
    on the images that `remaining` leaves. The job of a member (imbalance/training/jobs.py) calls `head` and
    `prepare` before the training, and `finish` after it. The training loops call `state` and `epochs` once,
    `refresh` before every epoch, and `mix` and then `loss` for every batch; a loss is by default the mean of
    the examples' `losses`.

    `start` names the networks to start from: "initial" (random weights) or another method of `params.yaml`.
    `lr_factor` multiplies the recipe's learning rate. `sampler` resamples the training set, and `weights`
    weighs the losses of its examples by class; both can be deferred. `validation` is the fraction of the
    training set that is held out, stratified, before any sampling, for methods that adapt or tune.
    """

    kind: ClassVar[str] = "none"
    needs_trained_start: ClassVar[bool] = False
    asks_the_network: ClassVar[bool] = False  # during training, so that it cannot be trained in a fleet
    needs_linear_classifier: ClassVar[bool] = False  # on flat features; all_cnn's is convolutional
    needs_images: ClassVar[bool] = False  # shifts them, or has pixels' units; not the rows of a table
    is_sequential: ClassVar[bool] = False  # members are trained in sequence, on the images of `remaining`
    goes_on_from: ClassVar[tuple[Head, ...]] = ("own", "normalised")  # heads that its start may end with
    has_losses: ClassVar[bool] = True  # of single examples, which `weights` can weigh

    start: str
    lr_factor: float = Field(default=1, ge=1e-6, le=1000)
    sampler: Sampler = Instance()
    weights: Weights = Equal()
    validation: float = Field(default=0, ge=0, lt=1)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.needs_trained_start and self.start == "initial":
            raise ValueError("needs trained features: `start` must name another method, such as oversampling")
        default = type(self).model_fields["sampler"].default
        has_its_own = type(self).epochs is not Baseline.epochs and isinstance(default, Instance)
        if has_its_own and not isinstance(self.sampler, Instance):
            raise ValueError(f"has a sampler of its own; drop `sampler: {{name: {self.sampler.name}}}`")
        if not isinstance(self.weights, Equal) and (not self.has_losses or self.trains == "nothing"):
            raise ValueError(
                f"has no losses of examples to weigh; drop `weights: {{name: {self.weights.name}}}`"
            )
        if self.tunes and not self.validation:
            raise ValueError("tunes on held-out data: `validation` must be a fraction above 0, such as 0.1")
        return self

    def for_classes(self, classes: Sequence[str]) -> Self:
        """Return the method for classes of these names, in label order, by which `weights` may be given.

        Raises `InputError` if a class that it names is none of them.
        """
        return self.model_copy(update={"weights": self.weights.for_classes(classes)})

    @property
    def corrects_priors(self) -> bool:
        """Whether the method corrects for the class priors by itself, e.g. by its loss."""
        return False

    @property
    def corrections(self) -> tuple[str, ...]:
        """What corrects for the class priors: the method, its sampler, its weights; more than one overshoots.

        Weights that a method has by default are a part of it.
        """
        has_own = not isinstance(type(self).model_fields["weights"].default, Equal)
        parts = {
            "the method itself": self.corrects_priors,
            f"its sampler '{self.sampler.name}'": not isinstance(self.sampler, Instance),
            f"its weights '{self.weights.name}'": not has_own and not isinstance(self.weights, Equal),
        }
        return tuple(part for part, corrects in parts.items() if corrects)

    @property
    def trains(self) -> Trains:
        """The part that is trained: the whole network, the classifier on frozen features, or nothing."""
        return "network"

    @property
    def tunes(self) -> bool:
        """Whether the method tunes on the validation data, on which its start must then not be trained."""
        return False

    def members(self) -> tuple["Baseline", ...]:
        """Return the methods of the members, whose probabilities are averaged; by default, itself alone."""
        return (self,)

    def remaining(self, training: Examples, previous: Sequence[nn.Module]) -> Examples:
        """Return the images for the next member, given the trained `previous` members; by default, all.

        A method that overrides it sets `is_sequential`.
        """
        return training

    def ends_with(self, start: Head) -> Head:
        """Return the head of its networks, given that of its start's networks; by default, the same."""
        return "ensemble" if len(self.members()) > 1 else start

    def head(self, classifier: Any, rng: np.random.Generator) -> nn.Module:
        """Return the classifier to train in place of the start's: the same, a fresh one, or another kind.

        Another kind is one that `parts/classifiers.py` can build again, and `ends_with` names it.
        """
        return classifier

    def prepare(self, examples: Examples, rng: np.random.Generator) -> Examples:
        """Return the training set: images (n, channels, height, width), or frozen features (n, D).

        Methods that make synthetic examples append them here.
        """
        return examples

    def state(self, classes: int) -> dict[str, Tensor]:
        """Return the loss's initial state, tensors by name, which `refresh` renews; by default, none."""
        return {}

    def epochs(self, labels: Labels, rng: np.random.Generator, training: Training) -> Iterator[Indices]:
        """Yield endless epochs of positions in the prepared training set, whose labels are `labels` (n,)."""
        return self.sampler.epochs(labels, rng, training.drawn)

    def refresh(
        self, state: Mapping[str, Tensor], labels: Labels, rng: np.random.Generator, training: Training
    ) -> Mapping[str, Tensor]:
        """Return the loss's state for the next epoch of the training set, which may depend on the network."""
        return state

    def mix(self, batch: int, rng: np.random.Generator) -> Mix | None:
        """Draw how the examples of a batch are mixed after the input layer; by default, they are not."""
        return None

    def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the loss of a batch: logits (..., B, C) and targets (..., B) to (...), any leading axes."""
        return self.weights.mean(self.losses(logits, targets, context), targets, context)

    def losses(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the loss of each example of a batch: logits (..., B, C) and targets (..., B) to (..., B)."""
        return cross_entropy(logits, targets)

    def finish(
        self, classifier: Any, training: Examples, validation: Examples, rng: np.random.Generator
    ) -> nn.Module:
        """Return the final classifier, given the trained one and the features (n, D) of the real examples."""
        return classifier
