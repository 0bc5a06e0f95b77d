"""Export a network as ONNX: `python -m tools.export models/<method>/000.safetensors -o network.onnx`.

The input `images` is the same as in training: uint8 (N, channels, height, width), pixels from 0 to 255, or
float32 rows (N, D) of a table, for any N; the network preprocesses them itself. But rows are those of
data/raw, which the stage `download` makes of a table: it encodes text and standardises numbers, and the file
does not. The output `logits` is float32 (N, C). The file's metadata have the names of the classes and their
training images, as JSON. Nothing is written unless ONNX Runtime computes what torch does, on random inputs
and on those of `--images FOLDER`.
"""

import argparse
import copy
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from imbalance import weights
from imbalance.data.examples import in_batches
from imbalance.datasets import new_images
from imbalance.disk import replacing
from imbalance.errors import InputError
from imbalance.methods.parts.classifiers import NearestCenter, NearestCluster
from imbalance.networks.parts.inputs import Whitening
from imbalance.networks.parts.layers import Linear
from imbalance.networks.parts.network import Ensemble, Network
from stages import run

TOLERANCE = 1e-4  # of the largest difference, relative to the largest logit if that is above 1
RANDOM = (1, 7)  # numbers of random inputs, so that the size of the batch is seen to be free


class PlainWhitening(Whitening):
    """Whitening of batches of any size: a tensor's length would be a constant of the exported network."""

    def forward(self, images: Tensor) -> Tensor:
        rows = images.flatten(1).float()
        rows = rows - rows.mean(dim=1, keepdim=True)
        lengths = rows.square().sum(dim=1, keepdim=True).sqrt() / self.norm
        rows = rows / torch.where(lengths < 1e-8, 1, lengths)
        return ((rows - self.mean) @ self.matrix).reshape(images.shape)


class PlainCenters(NearestCenter):
    """Distances to centers without `torch.cdist`, which ONNX does not have."""

    def forward(self, features: Tensor) -> Tensor:
        return -(features.unsqueeze(1) - self.centers).square().sum(dim=-1).sqrt()


class PlainClusters(NearestCluster):
    """Distances to the nearest of a class's centers without `torch.cdist`."""

    def forward(self, features: Tensor) -> Tensor:
        directions = nn.functional.normalize(features, dim=-1)
        offsets = directions.unsqueeze(1) - self.centers.flatten(0, 1)
        distances = offsets.square().sum(dim=-1).sqrt()
        return -distances.view(-1, self.out_features, self.clusters).amin(dim=-1)


# Layers that ONNX cannot express as they are, and classes of the same tensors that compute the same.
TWINS: dict[type[nn.Module], type[nn.Module]] = {
    Linear: nn.Linear,  # without oneDNN's own tensors
    Whitening: PlainWhitening,
    NearestCenter: PlainCenters,
    NearestCluster: PlainClusters,
}


def main(arguments: Sequence[str]) -> None:
    """Export the network, compare, and write the file."""
    parser = argparse.ArgumentParser(prog="python -m tools.export", description="Export a network as ONNX.")
    parser.add_argument("model", type=Path, help="a model file, such as models/baseline/000.safetensors")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the ONNX file to write")
    parser.add_argument("--images", type=Path, help="a folder of images to compare on, too")
    parser.add_argument("--bits", type=int, choices=range(8, 17), help="bits of grey values in 16-bit files")
    parser.add_argument("--grey", action="store_true", help="make coloured images grey, as the training did")
    given = parser.parse_args(arguments)
    network, said = weights.read(given.model), weights.provenance(given.model)
    shape = tuple(said["architecture"]["shape"])
    model = exported(network, shape, {name: said[name] for name in ("classes", "sizes") if name in said})
    inputs = [random_inputs(count, shape) for count in RANDOM]
    if given.images:
        inputs.extend(_images_of(given.images, shape, given.bits, given.grey))
    largest = max(difference(network, model, each) for each in inputs)
    count = sum(map(len, inputs))
    if not largest <= TOLERANCE:
        raise InputError(
            f"{given.model}: ONNX Runtime's logits differ from torch's by {largest:.1e} on {count} inputs, "
            f"more than {TOLERANCE:g}; nothing is written. Use the model file with torch."
        )
    with replacing(given.output) as part:
        part.write_bytes(model)
    kind, of_each = "uint8" if len(shape) == 3 else "float32", ", ".join(map(str, shape))
    print(
        f"{given.output}: images {kind} (N, {of_each}) -> logits float32 (N, {_classes(network)}); "
        f"the largest difference from torch is {largest:.1e}, on {count} inputs"
    )
    if kind == "float32":
        print(
            "note: rows are those of data/raw, with text as 0 and 1 and numbers standardised by the training "
            "part of the table; rows as they are in the CSV file give wrong logits.",
            file=sys.stderr,
        )


def exported(network: Network | Ensemble, shape: tuple[int, ...], said: dict[str, object]) -> bytes:
    """Return a network as an ONNX file's bytes, with what is `said` of it in the metadata."""
    plain = copy.deepcopy(network).eval().to(memory_format=torch.contiguous_format)
    for layer in plain.modules():
        layer.__class__ = TWINS.get(type(layer), type(layer))
    batch = {0: torch.export.Dim("N")}
    program = torch.onnx.export(
        plain,
        (random_inputs(2, shape),),
        input_names=["images"],
        output_names=["logits"],
        dynamic_shapes=(batch,),
        dynamo=True,
        verbose=False,
    )
    if program is None:
        raise TypeError("torch.onnx.export returns a program if dynamo is true")
    for name, value in said.items():
        program.model.metadata_props[name] = json.dumps(value, ensure_ascii=False)
    content: bytes = program.model_proto.SerializeToString()
    return content


def difference(network: Network | Ensemble, model: bytes, inputs: Tensor) -> float:
    """Return how far ONNX Runtime's logits are from torch's, relative to the largest logit if above 1."""
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    ours = in_batches(network, inputs).numpy()
    theirs: NDArray[np.float32] = session.run(None, {"images": inputs.contiguous().numpy()})[0]
    return float(np.abs(ours - theirs).max() / max(1, np.abs(ours).max()))


def random_inputs(count: int, shape: tuple[int, ...]) -> Tensor:
    """Draw random images, uint8 (count, *shape), or rows, float32 (count, D); the same ones each time."""
    rng = np.random.default_rng(0)
    if len(shape) == 1:
        return torch.from_numpy(rng.normal(size=(count, *shape)).astype(np.float32))
    return torch.from_numpy(rng.integers(0, 256, (count, *shape), np.uint8))


def _images_of(folder: Path, shape: tuple[int, ...], bits: int | None, grey: bool) -> Iterator[Tensor]:
    """Yield the images of a folder, uint8 (n, *shape), decoded as `new_images.read` says.

    Raises `InputError` for networks of rows.
    """
    if len(shape) != 3:
        raise InputError("--images: the network takes the rows of a table, no images; leave it out.")
    channels, height, width = shape
    paths = new_images.find(folder, lambda line: print(line, file=sys.stderr))
    for chunk in new_images.read(folder, paths, (channels, height, width), bits, to_grey=grey):
        yield torch.from_numpy(chunk)


def _classes(network: Network | Ensemble) -> int:
    return (network.networks[0] if isinstance(network, Ensemble) else network).classes


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
