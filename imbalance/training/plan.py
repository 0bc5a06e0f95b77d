"""The plan of a method's trainings: their settings, the replicates, and the job of each network."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from imbalance import networks, weights
from imbalance.data import arrays, groups
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
    """One replicate of a method: the subset that it is trained on, and its provenance.

    `checkpoints` is the folder for the checkpoints of its networks.
    """

    number: int
    subset: Subset
    provenance: dict[str, Any]
    checkpoints: Path


@dataclass(frozen=True)
class Attempt:
    """The training of one network for a candidate of a replicate: its only network, or a member's."""

    replicate: Replicate
    candidate: Candidate
    member: int

    @property
    def purpose(self) -> str:
        """The suffix of its random streams' names; it is empty for the first, whose streams methods share."""
        draw = f"/draw{self.candidate.draw}" if self.candidate.draw else ""
        return draw + (f"/{self.member}" if self.member else "")


@dataclass(frozen=True)
class Plan:
    """The settings by which all replicates of a method are trained: on `data`, from `start`, into `out`.

    If the recipe is a search over several networks, `protocol` says which one is kept, and the fraction
    `validation` of the images is held out.
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
        """Return the number of iterations for which a network is trained."""
        return self.recipe.iterations_within(self.budget, len(subset.indices))

    def replicates(self, drawn: Sequence[Subset], checkpoints: Path) -> list[Replicate]:
        """Make the replicates of the subsets; a hash of its provenance names each one's checkpoint folder."""
        shared = self._provenance()
        replicates = []
        for number, subset in enumerate(drawn):
            start = weights.path(self.start, number)
            pretrained = weights.provenance(start).get("pretrained")
            own = shared | ({"pretrained": pretrained} if pretrained else {})
            own |= {
                "replicate": number,
                "subset": provenance.digest(subset.indices.tobytes()),
                "sizes": subset.sizes.tolist(),
                "start": provenance.digest(start.read_bytes()),
            }
            if subset.test is not None:
                own["test"] = provenance.digest(subset.test.tobytes())
            replicates.append(Replicate(number, subset, own, checkpoints / provenance.identity(own)))
        return replicates

    def _provenance(self) -> dict[str, Any]:
        """Return the part of the provenance that all replicates share; the data are named by their hash."""
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
            "source": provenance.source(TRAINING, module, networks.module_of(self.network)),
            "versions": provenance.versions(),
        }

    def next_members(self, trained: int) -> range:
        """Return the members of an ensemble that can be trained once the first `trained` ones are."""
        members = len(self.method.members())
        return range(trained, min(trained + 1, members) if self.method.is_sequential else members)

    def job(self, dataset: Arrays, test: Examples, attempt: Attempt, previous: Sequence[Network]) -> Job:
        """Make the job of one network, with its images, its initial weights and its random generator.

        `test` are the test images of all replicates, which may have a part of them each. `previous` are the
        trained networks of the previous members of its ensemble.
        """
        number = attempt.replicate.number
        method = self.method.members()[attempt.member].for_classes(dataset.classes)
        training, validation = self._images(dataset, attempt.replicate, method)
        network = self._network(dataset, number).to(self.execution.device)
        if method.start == "initial":
            if attempt.purpose:
                rng = generator(self.seed, number, "weights" + attempt.purpose)
                networks.initialize(self.network, network, rng, self.recipe.is_pretrained)
            if self.recipe.inputs.fitted_to == "subset":
                network.inputs.fit(training.tensor.numpy())
        return Job(
            network=network,
            method=method,
            recipe=self.recipe.with_rate(attempt.candidate.base_lr),
            iterations=self.iterations(attempt.replicate.subset),
            training=self.method.remaining(training, previous),
            validation=validation,
            test=test.at(attempt.replicate.subset.tested),
            rng=generator(self.seed, number, "batches" + attempt.purpose),
            precision=self.execution.precision,
        )

    def _images(self, dataset: Arrays, replicate: Replicate, method: Baseline) -> tuple[Examples, Examples]:
        """Return the training images and the held-out images; raises `InputError` if these are too few."""
        chosen = replicate.subset.indices
        images = Examples.from_arrays(dataset.train_images[chosen], dataset.train_labels[chosen])
        fraction = self.recipe.held_out(method.validation, self.validation)
        rng = generator(self.seed, replicate.number, "validation")
        labels = images.labels.numpy()
        if dataset.groups is None:
            parts = split(labels, fraction, rng)
        else:
            parts = groups.split(labels, dataset.groups[chosen], fraction, rng)
        training, validation = map(images.at, parts)
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
        """Read the network that a replicate starts from; raises `InputError` if it does not fit this run."""
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
    """Return the replicates with one common checkpoint folder, for fleets of at most `fleet` networks."""
    names = " ".join(replicate.checkpoints.name for replicate in replicates)
    folder = replicates[0].checkpoints.parent / provenance.digest(f"{fleet} {names}".encode())
    return [replace(replicate, checkpoints=folder) for replicate in replicates]
