"""Networks trained on a folder of images, as the stages train and keep them."""

import dataclasses
from pathlib import Path

import numpy as np

from imbalance import networks, weights
from imbalance.data import arrays
from imbalance.datasets import image_folder
from imbalance.datasets.labelled import Layout
from imbalance.methods import parse
from imbalance.networks.parts.network import Ensemble, Network
from imbalance.reproducibility.seeding import generator
from imbalance.subsets.subset import draw
from imbalance.training.replicate import train_replicate
from tests.builders.data import put
from tests.builders.training import plan

SIDE = 16


def pictures(root: Path, sizes: dict[str, int], *, channels: int = 3, seed: int = 0) -> Path:
    """A folder for each class, of noise on a grey of its own, in colour or not; no image is square."""
    rng = np.random.default_rng(seed)
    for label, (name, size) in enumerate(sizes.items()):
        for number in range(size):
            pixels = rng.integers(0, 120, (20, 24, channels)) + 40 * label
            put(root / name / f"{number:02}.png", pixels.astype(np.uint8).squeeze())
    return root


def train(folder: Path, method: str, *, network: str = "lenet5", iterations: int = 5) -> np.ndarray:
    """Train two replicates on folder/images, into folder/<method>; returns their test logits (2, N, C)."""
    dataset = image_folder.read(folder / "images", SIDE, "auto", "auto", Layout(0.2), print)
    arrays.save(dataset, folder / "raw")
    own = dataclasses.replace(
        plan(folder, "baseline", iterations=iterations, base_lr=0.01),
        method=parse({"method": method, "start": "initial"}),
        network=network,
    )
    for replicate in range(2):
        built = networks.build(
            network, dataset.train_images.shape[1:], len(dataset.classes), own.recipe.inputs
        )
        networks.initialize(network, built, generator(0, replicate, "weights"))
        weights.save(built, own.start, replicate, {})
    counts = np.bincount(dataset.train_labels)
    subsets = [draw(dataset.train_labels, counts, np.random.default_rng(each)) for each in range(2)]
    out = dataclasses.replace(own, out=folder / method)
    replicates = out.replicates(subsets, folder / "checkpoints")
    return np.stack([train_replicate(out, each).logits for each in replicates])


def made(
    folder: Path, networks_: list[Network | Ensemble], sizes: list[list[int]], method: str = "baseline"
) -> Path:
    """The model files of networks that are said to be trained on classes of the given sizes."""
    for number, network in enumerate(networks_):
        said = {
            "classes": [f"c{label}" for label in range(len(sizes[number]))],
            "sizes": sizes[number],
            "method": {"method": method, "start": "initial"},
            "data": {"name": "image_folder"},
        }
        weights.save(network, folder, number, said)
    return folder
