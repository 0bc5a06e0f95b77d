"""The plan of a method's trainings: what they are made of, its replicates, and the job of each network."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from imbalance import networks, weights
from imbalance.data import arrays
from imbalance.data.arrays import Arrays
from imbalance.data.examples import Examples, split
from imbalance.errors import InputError
from imbalance.methods.baseline import Baseline
from imbalance.networks.parts.network import Blueprint, Network
from imbalance.reproducibility import provenance
from imbalance.reproducibility.seeding import generator
from imbalance.subsets.subset import Subset
from imbalance.training import devices
from imbalance.training.devices import Execution
from imbalance.training.jobs import Job
from imbalance.training.recipes import Recipe
from imbalance.training.search import Candidate, Protocol

TRAINING = "imbalance.training.replicate"  # the module whose imports are the code of a training


@dataclass(frozen=True)
class Replicate:
    """One replicate of a method: the subset that it is trained on, and all that determines its network.

    `checkpoints` is the folder for the checkpoints of its networks.
    """

    number: int
    subset: Subset
    provenance: dict[str, Any]
    checkpoints: Path


@dataclass(frozen=True)
class Attempt:
    """One network to train for a candidate of a replicate: its only one, or a member of its ensemble."""

    replicate: Replicate
    candidate: Candidate
    member: int

    @property
    def purpose(self) -> str:
        """Names its random streams, which the first one shares with all other methods of its replicate."""
        draw = f"/draw{self.candidate.draw}" if self.candidate.draw else ""
        return draw + (f"/{self.member}" if self.member else "")


@dataclass(frozen=True)
class Plan:
    """How every replicate of a method is trained: on the images in `data`, from `start`, into `out`.

    Where the recipe tries several networks, the `protocol` says which is kept, and the fraction `validation`
    of the images is held out.
    """

    method: Baseline
    network: str
    recipe: Recipe
    budget: float
    protocol: Protocol
    validation: float
    seed: int
    execution: Execution
    data: Path
    start: Path
    out: Path

    def iterations(self, subset: Subset) -> int:
        """How many iterations a network is trained for."""
        return self.recipe.iterations_within(self.budget, len(subset.indices))

    def replicates(self, drawn: Sequence[Subset], checkpoints: Path) -> list[Replicate]:
        """The replicates of the subsets; the provenance of each names its folder below `checkpoints`."""
        shared = self._provenance()
        replicates = []
        for number, subset in enumerate(drawn):
            own = shared | {
                "replicate": number,
                "subset": provenance.digest(subset.indices.tobytes()),
                "sizes": subset.sizes.tolist(),
                "start": provenance.digest(weights.path(self.start, number).read_bytes()),
            }
            replicates.append(Replicate(number, subset, own, checkpoints / provenance.identity(own)))
        return replicates

    def _provenance(self) -> dict[str, Any]:
        """All that determines the weights of every replicate; the data by their hash."""
        dataset = arrays.load(self.data)
        module = type(self.method).__module__
        return {
            "method": {"method": module.rpartition(".")[2]} | self.method.model_dump(mode="json"),
            "network": self.network,
            "recipe": self.recipe.model_dump(mode="json"),
            "budget": self.budget,
            "search": (self.protocol, self.validation) if self.recipe.searches else None,
            "seed": self.seed,
            "reproducible": self.execution.reproducible,
            "device": devices.name(self.execution.device),
            "precision": self.execution.precision,
            "processes": devices.size(),
            "data": {"name": self.data.name, "sha256": arrays.fingerprint(dataset)},
            "classes": list(dataset.classes),
            "source": provenance.source(TRAINING, module, f"imbalance.networks.{self.network}"),
            "versions": provenance.versions(),
        }

    def next_members(self, trained: int) -> range:
        """The members of an ensemble that can be trained now that the first `trained` ones are."""
        members = len(self.method.members())
        return range(trained, min(trained + 1, members) if self.method.is_sequential else members)

    def job(self, dataset: Arrays, test: Examples, attempt: Attempt, previous: Sequence[Network]) -> Job:
        """The job of one network, with its images, its initial weights and its randomness.

        `previous` are the trained networks of the ensemble's members before it.
        """
        number, method = attempt.replicate.number, self.method.members()[attempt.member]
        training, validation = self._images(dataset, attempt.replicate, method)
        network = self._network(dataset, number).to(self.execution.device)
        if method.start == "initial":
            if attempt.purpose:
                rng = generator(self.seed, number, "weights" + attempt.purpose)
                networks.initialize(self.network, network, rng)
            if self.recipe.inputs.fitted_to == "subset":
                network.inputs.fit(training.tensor.numpy())
        return Job(
            network=network,
            method=method,
            recipe=self.recipe.with_rate(attempt.candidate.base_lr),
            iterations=self.iterations(attempt.replicate.subset),
            training=self.method.remaining(training, previous),
            validation=validation,
            test=test,
            rng=generator(self.seed, number, "batches" + attempt.purpose),
            precision=self.execution.precision,
        )

    def _images(self, dataset: Arrays, replicate: Replicate, method: Baseline) -> tuple[Examples, Examples]:
        """The images to train on and those that are held out; an `InputError` where these are too few."""
        chosen = replicate.subset.indices
        images = Examples.from_arrays(dataset.train_images[chosen], dataset.train_labels[chosen])
        fraction = self.recipe.held_out(method.validation, self.validation)
        rng = generator(self.seed, replicate.number, "validation")
        training, validation = map(images.at, split(images.labels.numpy(), fraction, rng))
        if len(np.unique(validation.labels)) < 2:
            needed = "needs two classes with two images each"
            if self.recipe.searches and self.protocol == "clean":
                raise InputError(
                    f"replicate {replicate.number}: a search by held-out images {needed}; "
                    "give one rate in base_lr, and repeats: 1."
                )
            if method.tunes:
                raise InputError(
                    f"replicate {replicate.number}: the method tunes on held-out images, which {needed}; "
                    "train on more images, or choose another method."
                )
        return training, validation

    def _network(self, dataset: Arrays, replicate: int) -> Network:
        """The network that a replicate starts from; an `InputError` where it is not one of this run."""
        file = weights.path(self.start, replicate)
        network = weights.read(file)
        wanted = Blueprint(
            network=self.network,
            shape=dataset.train_images.shape[1:],
            classes=len(dataset.classes),
            inputs=self.recipe.inputs,
        )
        if not isinstance(network, Network) or network.blueprint != wanted:
            raise InputError(
                f"{file} holds another network than a {self.network} for these images; delete it and run "
                "`dvc repro`."
            )
        return network


def sharing(replicates: Sequence[Replicate], fleet: int) -> list[Replicate]:
    """The replicates with one folder of checkpoints for all, that of fleets of at most `fleet` networks."""
    names = " ".join(replicate.checkpoints.name for replicate in replicates)
    folder = replicates[0].checkpoints.parent / provenance.digest(f"{fleet} {names}".encode())
    return [replace(replicate, checkpoints=folder) for replicate in replicates]
