"""What the test set itself leaves uncertain: the sampling error of its images, which all replicates share.

The mean of a measure over replicates is a sum over the classes c of the mean, over the images i of c, of a
contribution a_i: exactly for recalls and their means, to first order for ROC AUC (DeLong et al. 1988). The
class sizes n_c of the test set are fixed, so its sampling variance is the sum over c of Var_c(a_i) / n_c.
Replicates are measured on the same images, so contributions are averaged image by image first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from imbalance.evaluation.decisions import Scores

Z = float(stats.norm.ppf(0.975))
UNEQUAL = 1.5  # of MNIST's test classes, the largest has 1.27 times the images of the smallest

Labels = NDArray[np.integer]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Contribution:
    """What every test image adds to a measure of one network: its value (N,) times its class's weight (C,).

    Values of type bool tell which images are decided right.
    """

    values: NDArray[np.bool_] | Floats
    weights: Floats


def leading(test_images: NDArray[np.integer]) -> tuple[str, str, str]:
    """The measures that figures and tables lead with, by the number of test images (C,) of every class.

    Accuracy is one of them where the test classes are of about equal size, as in the papers. Where the
    largest has more than 1.5 times the images of the smallest, balanced accuracy takes its place.

    >>> leading(np.array([1135, 892]))
    ('auc', 'accuracy', 'minority_recall')
    >>> leading(np.array([900, 100]))
    ('auc', 'balanced_accuracy', 'minority_recall')
    """
    unequal = test_images.max() > UNEQUAL * test_images.min()
    return "auc", "balanced_accuracy" if unequal else "accuracy", "minority_recall"


def recalls(decided: Labels, labels: Labels, minority: NDArray[np.bool_]) -> dict[str, Contribution]:
    """The contributions to each mean of recalls, by its name, of images (N,) with these decisions."""
    right, sizes = decided == labels, np.bincount(labels, minlength=len(minority))
    weights = {"accuracy": sizes / len(labels), "balanced_accuracy": np.full(len(sizes), 1 / len(sizes))}
    weights |= {f"{role}_recall": each for role, each in _roles(minority).items()}
    return {measure: Contribution(right, each) for measure, each in weights.items()}


def aucs(scores: Scores, labels: Labels, minority: NDArray[np.bool_]) -> dict[str, Contribution]:
    """The contributions to each mean of one-vs-rest AUCs, by its name, of images with these scores (N, C).

    An image of another class is one of the negatives, which stand together as one sample: its contribution
    is in proportion to the share that its class has in them.
    """
    sizes = np.bincount(labels, minlength=len(minority))
    placed = np.empty(scores.T.shape)
    for label, column in enumerate(scores.T):
        positive = labels == label
        share = np.where(positive, 1, sizes[labels] / np.count_nonzero(~positive))
        placed[label] = share * _placements(column, positive)
    weights = {"auc": np.full(len(sizes), 1 / len(sizes))}
    weights |= {f"{role}_auc": each for role, each in _roles(minority).items()}
    return {measure: Contribution(each @ placed, np.ones(len(sizes))) for measure, each in weights.items()}


def of_recalls(recalls: Floats, images: NDArray[np.integer]) -> Floats:
    """Half of Jeffreys's 95 % interval of each class's recall (C,) in one network, by its test images."""
    right = recalls * images
    return Z * np.asarray(stats.beta(right + 0.5, images - right + 0.5).std())


def half_width(
    networks: Sequence[Contribution], labels: Labels, baseline: Sequence[Contribution] = ()
) -> float:
    """Half the 95 % interval of a measure's mean over networks, or of its difference from the baseline's.

    Where values are right or wrong, every class gets one more image, half of it right and half wrong, so that
    30 of 30 are no certainty: of one class and one network, the variance is that of Jeffreys's posterior,
    Beta(right + 1/2, wrong + 1/2). NaN where there is no such bound, and the images show no error.
    """
    (values, most), (less, least) = _average(networks, labels), _average(baseline, labels)
    values, variance = values - less, 0.0
    for label in np.unique(labels):
        of_class = values[labels == label]
        n = len(of_class)
        if networks[0].values.dtype == bool:
            extremes = np.array([-least[label], most[label]])
            mean = (of_class.sum() + extremes.mean()) / (n + 1)
            square = ((of_class**2).sum() + (extremes**2).mean()) / (n + 1)
            variance += (square - mean**2) / (n + 2)
        else:
            variance += of_class.var(ddof=1) / n if n > 1 else np.nan
    return Z * float(np.sqrt(variance)) or np.nan


def _roles(minority: NDArray[np.bool_]) -> dict[str, Floats]:
    """The weights (C,) of the means over the minority classes and over the others, where there are both."""
    roles = {"minority": minority, "majority": ~minority}
    return {role: members / members.sum() for role, members in roles.items() if minority.any()}


def _placements(scores: Floats, positive: NDArray[np.bool_]) -> Floats:
    """The share of the images of the other kind (N,) that each image is on the right side of; of ties, half.

    A positive one is to score above the negatives, a negative one below the positives.
    """
    ranks, placed = stats.rankdata(scores), np.empty(len(scores))
    for members, others in ((positive, ~positive), (~positive, positive)):
        below = ranks[members] - stats.rankdata(scores[members])
        placed[members] = below / np.count_nonzero(others)
    return np.where(positive, placed, 1 - placed)


def _average(networks: Sequence[Contribution], labels: Labels) -> tuple[Floats, Floats]:
    """The mean over networks of the contributions (N,), and of the weights, the most they can be (C,)."""
    if not networks:
        return np.zeros(len(labels)), np.zeros(labels.max() + 1)
    values = np.zeros(len(labels))
    for each in networks:
        values += each.values * each.weights[labels] / len(networks)
    return values, np.mean([each.weights for each in networks], axis=0)
