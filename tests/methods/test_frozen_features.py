import numpy as np
import pytest
from torch import nn

from imbalance.methods.crt import Crt
from imbalance.methods.frozen_features import FrozenFeatures
from imbalance.networks import build
from imbalance.training.jobs import Course, Job, prepare
from tests.builders.training import examples, recipe
from tests.methods.contract import SIZES, Promise

PROMISES = [Promise(dict(start="baseline"), SIZES), Promise(dict(start="initial"), SIZES)]


def course_of(method: FrozenFeatures | Crt, augmentation: object) -> Course:
    """A training that is about to begin, of a network with dropout between its features."""
    network = build("all_cnn", (1, 16, 16), 3)
    images = examples(0)
    job = Job(
        *(network, method, recipe(augmentation=augmentation), 5),
        *(images, images.at(slice(0, 0)), images, np.random.default_rng(0)),
    )
    course = prepare(job)
    assert course is not None
    return course


@pytest.mark.parametrize("augmentation", [None, {"padding": 2, "mirror": True}])
def test_features_are_computed_once_whatever_would_change_them(augmentation: object) -> None:
    course = course_of(FrozenFeatures(start="initial"), augmentation)
    assert course.learns == "classifier"
    assert not len(course.model.features), "the batches are of features"
    assert course.training.tensor.shape == (68, 192, 2, 2)
    assert course.augmentation is None
    assert len(course_of(Crt(start="baseline"), augmentation).model.features), "those of cRT change"


def test_the_classifier_begins_anew() -> None:
    trained = nn.Linear(8, 3)
    drawn = [FrozenFeatures(start="initial").head(trained, np.random.default_rng(0)) for _ in range(2)]
    assert not (drawn[0].weight == trained.weight).any()
    assert (drawn[0].weight == drawn[1].weight).all()
