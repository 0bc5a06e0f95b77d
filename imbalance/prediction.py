"""New images by trained networks: probabilities of the classes, a decision, and where the networks disagree.

A method's model files say all that is needed: how the networks are built, what the classes are called, and
how many training images each class had.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ValidationError
from scipy.special import log_softmax

from imbalance import methods, weights
from imbalance.catalogue import suggestion
from imbalance.config import priors
from imbalance.data.arrays import Bytes
from imbalance.data.examples import in_batches
from imbalance.datasets import new_images
from imbalance.datasets.folders import some
from imbalance.errors import InputError
from imbalance.evaluation.decisions import Scores, scores
from imbalance.networks.parts.network import Ensemble, Network

Rule = Literal["argmax", "prior", "deployment"]
RULES: tuple[Rule, ...] = get_args(Rule)

TOLERANCE = 1e-3  # of the sum of shares, which people round


@dataclass(frozen=True)
class Committee:
    """The networks of a method's replicates, for images of one `shape` (channels, side, side).

    `sizes` (replicates, C) are the class sizes that each was trained on, before any sampling; `evened` says
    what made up for them in the training, "" if nothing did, and `known` whether it did so in full.
    """

    networks: tuple[Network | Ensemble, ...]
    shape: tuple[int, int, int]
    classes: tuple[str, ...]
    sizes: NDArray[np.int64]
    evened: str
    known: bool

    def priors(self) -> NDArray[np.float64]:
        """Return the shares (replicates, C) of the classes that each network's probabilities are right for.

        They are those of its training images, or equal ones if the training made up for these. Raises
        `InputError` if it did so in part.
        """
        if not self.known:
            raise InputError(
                f"rule deployment: {self.evened} made up for the class sizes in part, so that it is not "
                "known for which shares the probabilities are right; choose argmax, or another method."
            )
        if self.evened:
            return np.full(self.sizes.shape, 1 / len(self.classes))
        return self.sizes / self.sizes.sum(axis=1, keepdims=True)

    def probabilities(
        self, images: Bytes, rule: Rule, deployment: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Return the probabilities (replicates, N, C) of the classes of images (N, channels, side, side).

        "argmax": as the networks give them. "prior": divided by the shares of the training images, whatever
        the method, as in `decisions.scores`; so they are right where the classes are equally frequent, if the
        method does not make up for the shares itself. "deployment": where the classes have the shares
        `deployment` (C,). All are renormalised, and a network decides for the largest.
        """
        tensor = torch.from_numpy(images).to(memory_format=torch.channels_last)
        logits = [in_batches(network, tensor).numpy() for network in self.networks]
        return np.exp(
            [
                self._ruled(rule, of_network, replicate, deployment)
                for replicate, of_network in enumerate(logits)
            ]
        )

    def _ruled(
        self, rule: Rule, logits: NDArray[np.float32], replicate: int, deployment: NDArray[np.float64] | None
    ) -> Scores:
        """Return a network's log probabilities (N, C) under a rule, given its logits (N, C)."""
        sizes = self.priors()[replicate] if rule == "deployment" else self.sizes[replicate]
        with np.errstate(divide="ignore"):  # a class that does not occur has probability 0
            return log_softmax(scores(rule, logits, sizes, shares=deployment), axis=1)


@dataclass(frozen=True)
class Predictions:
    """What the networks say of N images, named by `paths`: the means of their probabilities (N, C).

    `decided` (N,) are the classes of the largest means, and `disagreement` (N,) the fractions of the networks
    that decide for another class by themselves.
    """

    paths: list[Path]
    probabilities: NDArray[np.float64]
    decided: NDArray[np.intp]
    disagreement: NDArray[np.float64]


def read(folder: Path) -> Committee:
    """Read the networks of a method from `folder`, one file for each replicate.

    Raises `InputError` if there is none, if they do not belong together, or if they are not of images.
    """
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise InputError(
            f"{folder} has no model files, such as 000.safetensors; name the folder of a trained method, "
            "such as models/baseline."
        )
    said = [weights.provenance(file) for file in files]
    for file, each in zip(files, said, strict=True):
        if not {"classes", "sizes", "method", "architecture"} <= each.keys():
            raise InputError(
                f"{file} does not say what it was trained on, as initial weights do not; name the folder of "
                "a trained method."
            )
        for name, differs in (
            ("classes", "is of other classes"),
            ("architecture", "is of other architecture"),
            ("method", "was trained by another method, or with other parameters of it,"),
        ):
            if each[name] != said[0][name]:
                raise InputError(
                    f"{file} {differs} than {files[0].name}; leave one method's networks alone in the folder."
                )
    evened, known = _evened(said[0]["method"], files[0])
    return Committee(
        networks=tuple(weights.read(file) for file in files),
        shape=_shape_of_images(said[0], files[0]),
        classes=tuple(said[0]["classes"]),
        sizes=np.array([each["sizes"] for each in said], np.int64),
        evened=evened,
        known=known,
    )


def shares(given: Mapping[str, float], classes: Sequence[str]) -> NDArray[np.float64]:
    """Return the shares (C,) of the classes, in label order.

    Raises `InputError` unless each class has one, and they sum to 1.
    """
    for name, share in given.items():
        if name not in classes:
            raise InputError(f"--prior: no class '{name}'; {suggestion(name, classes)}")
        if not 0 <= share <= 1:
            raise InputError(f"--prior: the share of '{name}' is {share:g}; give a fraction from 0 to 1.")
    if missing := [name for name in classes if name not in given]:
        raise InputError(f"--prior: no share for {some(missing)}; give one for each class, like NAME=0.1.")
    if abs(total := sum(given.values()) - 1) > TOLERANCE:
        raise InputError(f"--prior: the shares sum to {total + 1:g}; they must sum to 1.")
    found = np.array([given[name] for name in classes])
    return found / found.sum()


def predict(
    committee: Committee,
    root: Path,
    paths: Sequence[Path],
    rule: Rule,
    deployment: NDArray[np.float64] | None,
    *,
    bits: int | None = None,
    to_grey: bool = False,
) -> Predictions:
    """Classify the image files at `paths` below `root`, decoded as the images of a folder are for training.

    `bits` and `to_grey` are those of the training, as in `new_images.read`. Raises `InputError` if a file is
    not like the training images, or if a class without training images would be divided by its share.
    """
    divisors = committee.priors() if rule == "deployment" else committee.sizes
    if rule != "argmax" and (divisors == 0).any():
        _, label = np.argwhere(divisors == 0)[0]
        raise InputError(
            f"rule {rule} divides by the share of each class, and '{committee.classes[label]}' has no "
            "training image; choose the rule argmax."
        )
    chunks = [
        committee.probabilities(chunk, rule, deployment)
        for chunk in new_images.read(root, paths, committee.shape, bits, to_grey)
    ]
    probabilities = np.concatenate(chunks, axis=1)
    means = probabilities.mean(axis=0)
    decided = means.argmax(axis=1)
    otherwise = probabilities.argmax(axis=2) != decided
    return Predictions(list(paths), means, decided, otherwise.mean(axis=0))


def _shape_of_images(said: Mapping[str, Any], file: Path) -> tuple[int, int, int]:
    """Return the shape of the images that a network was trained on; raises `InputError` for other inputs."""
    shape = tuple(said["architecture"]["shape"])
    if len(shape) != 3:
        raise InputError(f"{file} was trained on the rows of a table, and only images can be read here.")
    if said["data"]["name"] == "imagenet":
        raise InputError(f"{file} was trained on ImageNet, whose images are cropped in another way.")
    channels, height, width = shape
    if height != width or channels not in (1, 3):
        raise InputError(
            f"{file} was trained on images of {channels} channels, {height} x {width}; only square ones, "
            "grey or coloured, can be made of files."
        )
    return channels, height, width


def _evened(said: Mapping[str, Any], file: Path) -> tuple[str, bool]:
    """Return what made up for the class sizes in the training, and whether it did so in full or not at all.

    `said` is the method in the provenance of a network.
    """
    try:
        method = methods.parse(said)
    except (InputError, ValidationError) as error:
        raise InputError(
            f"{file} was trained by a method that this version does not have as it was; train it again."
        ) from error
    return priors.evened(method, str(said.get("method")))
