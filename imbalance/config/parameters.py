"""The parameters of a run, and the conditions that they must satisfy."""

import math
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from imbalance import networks
from imbalance.catalogue import suggestion
from imbalance.config import backbones
from imbalance.config.names import DatasetName, Method, MethodName, NetworkName
from imbalance.config.own_data import Csv, ImageFolder
from imbalance.config.rules import Decisions, check_classes, check_held_out
from imbalance.config.starts import chain, check_starts
from imbalance.config.training_sets import TrainingSets
from imbalance.datasets.known import DATASETS
from imbalance.errors import InputError
from imbalance.methods.baseline import Baseline
from imbalance.strict import UNSEEN
from imbalance.training.devices import Device, Precision
from imbalance.training.recipes import Recipe
from imbalance.training.search import Protocol

AUTO = "auto"


class Params(TrainingSets, Decisions):
    """The parameters of a run; the comments in `params.yaml` explain them."""

    dataset: DatasetName
    image_folder: ImageFolder
    csv: Csv | None = None
    reproducible: bool
    device: Device
    precision: Precision
    fleet: int = Field(ge=1)
    processes: int = Field(ge=1)
    network: str
    budget: float = Field(gt=0, le=1)
    protocol: Protocol
    validation: float = Field(ge=0, lt=1)
    recipes: dict[DatasetName, dict[NetworkName, Recipe]]
    methods: dict[MethodName, Method]

    @property
    def architecture(self) -> str:
        """The network of the run: the named one, or with "auto", that with the smallest sufficient `up_to`.

        `up_to` is the largest image side for which a recipe is made; a recipe without it suits all sizes.
        """
        if self.network != AUTO:
            return self.network
        side = self.image_folder.pixels
        recipes = self.recipes[self.dataset].items()
        limits = {
            name: recipe.up_to or math.inf for name, recipe in recipes if not backbones.is_of_family(name)
        }
        return min(limits, key=lambda name: (limits[name] < side, limits[name]))

    @property
    def overlap(self) -> float:
        """How many images a replicate tests for each that it does not; 0 if all test the same ones."""
        repeated = self.dataset == "image_folder" and self.image_folder.splits == "repeated"
        return self.image_folder.test_fraction / (1 - self.image_folder.test_fraction) if repeated else 0.0

    @property
    def recipe(self) -> Recipe:
        """The recipe of the run's network on its data set."""
        recipes = self.recipes[self.dataset]
        return recipes[backbones.key_of(recipes, self.architecture)]

    @field_validator("recipes", "methods", "deployment", mode="before")
    @classmethod
    def _dvc_sees_every_key(cls, blocks: Any) -> Any:
        if isinstance(blocks, dict):
            inside = (key for block in blocks.values() if isinstance(block, dict) for key in block)
            for key in (key for key in (*blocks, *inside) if key in UNSEEN):
                raise ValueError(
                    f"'{key}' is a name that DVC's run-cache takes no notice of, so that changes below it "
                    "would be lost; choose another"
                )
        return blocks

    @field_validator("methods")
    @classmethod
    def _starts_lead_to_initial(cls, blocks: dict[str, Baseline]) -> dict[str, Baseline]:
        check_starts(blocks)
        return blocks

    @model_validator(mode="after")
    def _network_has_a_recipe(self) -> Self:
        if not self.recipes.get(self.dataset):
            raise ValueError(
                f"recipes.{self.dataset} is missing: no network has a recipe for dataset '{self.dataset}'; "
                "add one, or choose another dataset"
            )
        known = self.recipes[self.dataset]
        if self.network == AUTO and all(map(backbones.is_of_family, known)):
            raise ValueError(
                f"network: auto chooses none of torchvision's networks, and recipes.{self.dataset} has no "
                "others; name one of them, such as torchvision/resnet18"
            )
        if (key := backbones.key_of(known, self.architecture)) not in known:
            choices = suggestion(self.network, [AUTO, *known])
            raise ValueError(f"network: `recipes.{self.dataset}` has no network '{self.network}'; {choices}")
        backbones.check(self.architecture, self.recipe, f"recipes.{self.dataset}.{key}")
        return self

    @model_validator(mode="after")
    def _network_suits_the_data(self) -> Self:
        where = f"recipes.{self.dataset}.{backbones.key_of(self.recipes[self.dataset], self.architecture)}"
        recipe = self.recipe
        if self.dataset != "csv":
            if recipe.inputs.name == "columns":
                raise ValueError(f"{where}.inputs: columns are those of tables (dataset csv); choose scale")
            return self
        if self.csv is None:
            raise ValueError(
                "csv is missing, which says where the table is; add it as in the main params.yaml"
            )
        if not networks.takes_rows(self.architecture):
            raise ValueError(f"network: {self.architecture} takes images, no rows of a table; choose mlp")
        if recipe.inputs.name != "columns":
            raise ValueError(f"{where}.inputs: {recipe.inputs.name} is for images; write {{name: columns}}")
        if recipe.augmentation is not None:
            raise ValueError(f"{where}.augmentation moves and mirrors images; leave it out for a table")
        if changing := [key for key, method in self.methods.items() if method.needs_images]:
            raise ValueError(f"methods.{changing[0]} changes images, no rows of a table; drop the method")
        return self

    @model_validator(mode="after")
    def _inputs_are_not_fitted_to_test_images(self) -> Self:
        if self.overlap and self.recipe.inputs.fitted_to == "all":
            raise ValueError(
                f"recipes.{self.dataset}.{self.architecture}.inputs: fitted to all images, they would see "
                "those that replicates test (image_folder.splits: repeated); write fit: subset"
            )
        return self

    @model_validator(mode="after")
    def _a_shared_subset_has_the_same_test_images(self) -> Self:
        if self.overlap and self.shared == "subset":
            raise ValueError(
                "shared: subset, but with image_folder.splits: repeated every replicate has test images, and "
                "so training images, of its own; write shared: nothing, or splits: one"
            )
        return self

    @model_validator(mode="after")
    def _budget_leaves_iterations(self) -> Self:
        if self.recipe.iterations:  # the length in epochs depends on the number of images
            self.recipe.iterations_within(self.budget, images=1)
        return self

    @model_validator(mode="after")
    def _precision_suits_the_device(self) -> Self:
        if self.precision == "tf32" and self.device == "cpu":
            raise ValueError("precision tf32 is one of GPUs; choose float32 or bfloat16, or device: cuda")
        return self

    @model_validator(mode="after")
    def _processes_share_an_iteration(self) -> Self:
        if self.recipe.iter_size % self.processes:
            raise ValueError(
                f"{self.processes} processes cannot share the {self.recipe.iter_size} batches of an "
                "iteration (iter_size of the recipe); choose a number of `processes` that divides it"
            )
        return self

    @model_validator(mode="after")
    def _methods_suit_the_network(self) -> Self:
        needing = [key for key, method in self.methods.items() if method.needs_linear_classifier]
        if needing and not networks.is_linear(self.architecture):
            raise ValueError(
                f"methods.{needing[0]} needs a linear classifier, and {self.architecture}'s is none; "
                "choose another network or method"
            )
        return self

    @model_validator(mode="after")
    def _methods_and_rules_suit_the_classes(self) -> Self:
        """Of folders, the names and mostly the number are not known here: their trainings refuse a method."""
        names = DATASETS[self.dataset].classes if self.dataset in DATASETS else ()
        if names:
            classes = len(names)
            try:
                check_classes(self, names)
            except InputError as error:
                raise ValueError(str(error)) from error
        elif self.imbalance == "counts":
            classes = len(self.counts)
        else:
            return self
        for key, method in self.methods.items():
            try:
                (method.for_classes(names) if names else method).state(classes)
            except InputError as error:
                raise ValueError(f"methods.{key}: {error}") from error
        return self

    @model_validator(mode="after")
    def _nothing_is_chosen_on_what_was_trained_on(self) -> Self:
        searches = self.recipe.searches
        if searches and self.protocol == "clean" and not self.validation:
            raise ValueError(
                "protocol clean chooses by held-out data: `validation` must be above 0, such as 0.1"
            )
        fractions = {
            key: self.recipe.held_out(method.validation, self.validation)
            for key, method in self.methods.items()
        }
        check_held_out(self.rules, self.methods, fractions, searches)
        for key, method in self.methods.items():
            for start in chain(key, self.methods)[1:]:
                if (method.tunes or searches) and fractions[start] != fractions[key]:
                    raise ValueError(
                        f"methods.{key} would tune on data that {start} is trained on; "
                        f"give {start} the same `validation: {fractions[key]:g}`"
                    )
        return self

    @model_validator(mode="after")
    def _something_can_be_held_out(self) -> Self:
        tuning = [key for key, method in self.methods.items() if method.tunes]
        if self.imbalance == "counts" and tuning and sum(count > 1 for count in self.counts) < 2:
            raise ValueError(
                f"methods.{tuning[0]} tunes on held-out images, which needs two classes with two images "
                "each; raise `counts`, or drop the method"
            )
        return self
