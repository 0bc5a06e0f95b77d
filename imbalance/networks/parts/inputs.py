"""The input layer of every network: preprocessing of images or rows to float32, as the recipe says."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field, model_validator
from torch import Tensor, nn

from imbalance.errors import InputError
from imbalance.networks.parts.columns import ColumnStandard
from imbalance.networks.parts.input_layer import InputLayer as InputLayer
from imbalance.networks.parts.stacking import alike, by_member
from imbalance.strict import Strict

WIDEST = 4096  # pixels times channels, at most, for whitening: the matrix has the square of that
CHUNK = 1000

FittedTo = Literal["nothing", "all", "subset"]


class Fixed(Strict):
    """Base class of inputs that are not fitted to data."""

    @property
    def fitted_to(self) -> FittedTo:
        """The images that the layer is fitted to before training."""
        return "nothing"


class Scale(Fixed):
    """Pixels times a factor: 1/256 for LeNet-5 in Caffe, 1 if the network normalises its input itself."""

    name: Literal["scale"]
    factor: float = Field(ge=1e-6, le=1)

    def layer(self, shape: tuple[int, ...]) -> InputLayer:
        """Build the layer for images of `shape` (channels, height, width)."""
        return PixelScale(self.factor)


class Standardize(Fixed):
    """Standardisation of every channel: (pixel / 255 - mean) / std."""

    name: Literal["standardize"]
    mean: tuple[Annotated[float, Field(ge=0, le=1)], ...]
    std: tuple[Annotated[float, Field(ge=0.001, le=1)], ...]

    @model_validator(mode="after")
    def _are_of_the_same_channels(self) -> Self:
        if len(self.mean) != len(self.std):
            raise ValueError(
                f"mean is of {len(self.mean)} channels, std of {len(self.std)}; give both for each channel"
            )
        return self

    def layer(self, shape: tuple[int, ...]) -> InputLayer:
        """See `Scale.layer`; raises `InputError` if the images have another number of channels."""
        if len(self.mean) != shape[0]:
            raise InputError(
                f"inputs: mean and std are of {len(self.mean)} channels, but the images have {shape[0]}; "
                "give a number for each channel."
            )
        return ChannelStandard(self.mean, self.std)


class GcnZca(Strict):
    """Global contrast normalisation and ZCA whitening, as for the CIFAR-10 of the All-CNN.

    x = norm (u - mean(u)) / |u - mean(u)|        x' = (x - m) V (L + epsilon)^(-1/2) V^T

    for every image u, where m is the mean and V L V^T the covariance of the images that it is fitted to.
    These are "all" training images of the data set, before the subset is drawn, as for the published files;
    or the "subset" that the network is trained on. (pylearn2, Goodfellow et al. 2013; norm 55, epsilon 0.1)
    """

    name: Literal["gcn_zca"]
    norm: float = Field(default=55, ge=0.001, le=10_000)
    epsilon: float = Field(default=0.1, ge=1e-8, le=10_000)
    fit: Literal["all", "subset"] = "all"

    @property
    def fitted_to(self) -> FittedTo:
        """See `Fixed.fitted_to`."""
        return self.fit

    def layer(self, shape: tuple[int, ...]) -> InputLayer:
        """See `Scale.layer`; raises `InputError` if the images are too large to be whitened."""
        if (width := int(np.prod(shape))) > WIDEST:
            raise InputError(
                f"inputs: gcn_zca whitens at most {WIDEST} numbers an image, and these have {width}; "
                "choose another `name`, such as standardize."
            )
        return Whitening(width, self.norm, self.epsilon)


class Columns(Strict):
    """Standardisation of every feature of a table: (x - mean) / std.

    Mean and standard deviation are of the rows that the network is trained on: those of its subset that are
    not held out, before any sampling. A feature with one value in all of them is 0 in every row.
    """

    name: Literal["columns"]

    @property
    def fitted_to(self) -> FittedTo:
        """See `Fixed.fitted_to`."""
        return "subset"

    def layer(self, shape: tuple[int, ...]) -> InputLayer:
        """See `Scale.layer`; raises `InputError` for images."""
        if len(shape) != 1:
            raise InputError("inputs: columns standardises tables; for images, choose scale or standardize.")
        return ColumnStandard(shape[0])


Inputs = Annotated[Scale | Standardize | GcnZca | Columns, Field(discriminator="name")]


class PixelScale(InputLayer):
    """The layer of `Scale`: pixels times a constant."""

    stacked = staticmethod(alike)

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, images: Tensor) -> Tensor:
        return images.to(torch.float32, copy=True).mul_(self.scale)


class ChannelStandard(InputLayer):
    """The layer of `Standardize`; `mean` and `std` are those of pixels in [0, 1], by channel."""

    factor: Tensor
    offset: Tensor

    stacked = staticmethod(alike)

    def __init__(self, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
        super().__init__()
        spread = torch.tensor(std)[:, None, None]
        self.register_buffer("factor", 1 / (255 * spread), persistent=False)
        self.register_buffer("offset", torch.tensor(mean)[:, None, None] / spread, persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        return images.to(torch.float32, copy=True).mul_(self.factor).sub_(self.offset)


class Whitening(InputLayer):
    """The layer of `GcnZca`: GCN, then ZCA with a fitted mean (D,) and matrix (D, D), stored as buffers."""

    mean: Tensor
    matrix: Tensor

    def __init__(self, width: int, norm: float, epsilon: float) -> None:
        super().__init__()
        self.norm, self.epsilon = norm, epsilon
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("matrix", torch.eye(width))

    def fit(self, images: NDArray[Any]) -> None:
        """Fit mean and matrix to images, in float64 and in chunks.

        Sums over 50 000 images would lose digits in float32, and all images at once would need much memory.
        """
        width, count = len(self.mean), len(images)
        total, products = np.zeros(width), np.zeros((width, width))
        for start in range(0, count, CHUNK):
            rows = contrast_normalized(torch.from_numpy(np.array(images[start : start + CHUNK])), self.norm)
            doubles = rows.numpy().astype(np.float64)
            total += doubles.sum(axis=0)
            products += doubles.T @ doubles
        mean = total / count
        values, vectors = np.linalg.eigh(products / count - np.outer(mean, mean))
        scales = 1 / np.sqrt(values.clip(min=0) + self.epsilon)
        self.mean.copy_(torch.from_numpy(mean))
        self.matrix.copy_(torch.from_numpy(vectors * scales @ vectors.T))

    def forward(self, images: Tensor) -> Tensor:
        rows = contrast_normalized(images, self.norm)
        with torch.autocast(images.device.type, enabled=False):  # no bfloat16 in preprocessing
            whitened = (rows - self.mean) @ self.matrix
        return whitened.reshape(images.shape).contiguous(memory_format=torch.channels_last)

    @staticmethod
    def stacked(layers: Sequence["Whitening"]) -> nn.Module:
        """See `StackedWhitening`."""
        return StackedWhitening(layers)


class StackedWhitening(nn.Module):
    """The stacked twin of `Whitening`: each member has its own mean (K, D) and matrix (K, D, D)."""

    mean: Tensor
    matrix: Tensor

    def __init__(self, layers: Sequence[Whitening]) -> None:
        super().__init__()
        self.norm = layers[0].norm
        self.register_buffer("mean", torch.stack([layer.mean for layer in layers]))
        self.register_buffer("matrix", torch.stack([layer.matrix for layer in layers]))

    def forward(self, images: Tensor) -> Tensor:
        rows = by_member(contrast_normalized(images, self.norm), len(self.mean))
        with torch.autocast(images.device.type, enabled=False):
            whitened = torch.bmm(rows - self.mean[:, None], self.matrix)
        return whitened.reshape(images.shape).contiguous(memory_format=torch.channels_last)


def contrast_normalized(images: Tensor, norm: float) -> Tensor:
    """Return images (N, ...) as rows (N, D) of mean 0 and Euclidean norm `norm`; uniform images are zeros."""
    rows = images.reshape(len(images), -1).float()
    rows = rows - rows.mean(dim=1, keepdim=True)
    lengths = rows.norm(dim=1, keepdim=True) / norm
    return rows / torch.where(lengths < 1e-8, 1, lengths)
