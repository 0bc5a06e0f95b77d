"""Stage `initialize`: draw the initial weights of every replicate, which all methods share (paired).

In a study, all conditions of a network share them, too; of several seeds, the first one draws them.
"""

from pathlib import Path

from imbalance import networks, weights
from imbalance.config import Params, load_study
from imbalance.data import arrays
from imbalance.data.arrays import Arrays
from imbalance.data.examples import Examples
from imbalance.disk import refuse_too_large
from imbalance.reproducibility import provenance
from imbalance.reproducibility.seeding import generator
from imbalance.training.recipes import RANDOM
from stages import paths, run


def main() -> None:
    """data/raw/<dataset> (for its shape) -> models/initial, of several networks a folder each."""
    study = load_study()
    dataset = arrays.load(paths.RAW / study.common.dataset)
    for name, params in study.networks.items():
        initialize(params, dataset, paths.MODELS / "initial" / name)


def initialize(params: Params, dataset: Arrays, out: Path) -> None:
    """Draw a network's initial weights for every replicate."""
    name, inputs = params.architecture, params.recipe.inputs
    network = networks.build(name, dataset.train_images.shape[1:], len(dataset.classes), inputs)
    if inputs.fitted_to == "all":
        network.inputs.fit(Examples.from_arrays(dataset.train_images, dataset.train_labels).tensor.numpy())
    shared = {
        "network": name,
        "inputs": inputs.model_dump(mode="json"),
        "seed": params.seed,
        "source": provenance.source(networks.module_of(name), "imbalance.reproducibility.seeding"),
    }
    if inputs.fitted_to == "all":
        shared |= {"data": arrays.fingerprint(dataset), "versions": provenance.versions()}
    pretrained = params.recipe.pretrained
    if "/" in name:  # the layers are a library's
        shared |= {"library": provenance.version_of(name.partition("/")[0])}
    if pretrained != RANDOM:
        shared |= {"pretrained": networks.pretrain(name, network, pretrained)}
    each = sum(tensor.nbytes for tensor in network.state_dict().values())
    refuse_too_large(params.replicates * each, out, f"the initial weights of {params.replicates} replicates")
    for replicate in range(params.replicates):
        rng = generator(params.seed, replicate, "weights")
        networks.initialize(name, network, rng, pretrained != RANDOM)
        weights.save(network, out, replicate, shared | {"replicate": replicate})


if __name__ == "__main__":
    run(main)
