"""The parameters of the user's own data: folders of images, and a table."""

import re
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from imbalance.datasets.image_folder import Bits, Color
from imbalance.datasets.labelled import Layout
from imbalance.strict import Strict, shown


class ImageFolder(Strict):
    """The parameters of the data set `image_folder`, the user's own images."""

    root: str = Field(min_length=1)
    pixels: int = Field(ge=1, le=4096)
    color: Color
    bits: Bits
    test_fraction: float = Field(gt=0, lt=1)
    labels: str | None = Field(default=None, min_length=1)
    group: str | None = None
    splits: Literal["one", "repeated"] = "one"

    @property
    def layout(self) -> Layout:
        """How the images are labelled, grouped and split."""
        return Layout(self.test_fraction, self.labels, self.group, self.splits == "repeated")

    @field_validator("root")
    @classmethod
    def _root_can_be_a_folder_that_dvc_finds(cls, root: str) -> str:
        return _found_by_dvc(root, "folder")

    @field_validator("labels")
    @classmethod
    def _labels_can_be_a_file(cls, labels: str | None) -> str | None:
        return labels and _found_by_dvc(labels, "file")

    @field_validator("group")
    @classmethod
    def _group_is_an_expression_with_one_group(cls, group: str | None) -> str | None:
        example = "such as '^[^/]+/([^/]+)/' for the folder in a class folder"
        try:
            if group is not None and re.compile(group).groups != 1:
                raise ValueError(f"{shown(group)} must have one group in parentheses, {example}")
        except re.error as error:
            raise ValueError(
                f"{shown(group)} is no regular expression ({error}); write one, {example}"
            ) from error
        return group

    @field_validator("bits", mode="before")
    @classmethod
    def _bits_are_of_a_16_bit_file(cls, bits: Any) -> Any:
        if bits not in ("auto", *range(8, 17)):
            raise ValueError(f"no number of bits {shown(bits)}; choose auto, or 8 to 16")
        return bits


class Csv(Strict):
    """The parameters of the data set `csv`, the user's own table."""

    file: str = Field(min_length=1)
    label: str = Field(min_length=1)
    categorical: tuple[str, ...]
    drop: tuple[str, ...]
    test_fraction: float = Field(gt=0, lt=1)

    @field_validator("file")
    @classmethod
    def _file_can_be_one_that_dvc_finds(cls, file: str) -> str:
        return _found_by_dvc(file, "file")


def _found_by_dvc(path: str, noun: str) -> str:
    """Return the path of a file or folder; raises `ValueError` if DVC would look for another one."""
    if not path.isprintable():
        raise ValueError(f"{shown(path)} cannot name a {noun}; leave out what cannot be printed")
    if path.startswith("~"):
        raise ValueError(f"DVC takes ~ for a folder of that name; write {Path(path).expanduser()}")
    return path
