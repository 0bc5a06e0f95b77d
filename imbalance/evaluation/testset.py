"""The sampling error of the test set, whose images all replicates share.

The mean of a measure over replicates is a sum over the classes c of the mean, over the images i of c, of a
contribution a_i: exactly for recalls and their means, to first order for ROC AUC (DeLong et al. 1988). The
class sizes n_c of the test set are fixed, so its sampling variance is the sum over c of Var_c(a_i) / n_c.
Replicates are measured on the same images, so contributions are first averaged over replicates by image.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from imbalance.evaluation.decisions import Scores

Z = float(stats.norm.ppf(0.975))
UNEQUAL = 1.5  # MNIST's largest test class has 1.27 times the images of its smallest

Labels = NDArray[np.integer]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Contribution:
    """The contributions of test images to a measure of one network: values (N,) times class weights (C,).

    Boolean values say which images are classified correctly.
    """

    values: NDArray[np.bool_] | Floats
    weights: Floats


def leading(test_images: NDArray[np.integer]) -> tuple[str, str, str]:
    """Return the leading measures of figures and tables, by the number of test images (C,) of every class.

    Accuracy is one of them if the test classes have about equal sizes, as in the papers. If the largest has
    more than 1.5 times the images of the smallest, balanced accuracy takes its place.

    >>> leading(np.array([1135, 892]))
    ('auc', 'accuracy', 'minority_recall')
    >>> leading(np.array([900, 100]))
    ('auc', 'balanced_accuracy', 'minority_recall')
    """
    unequal = test_images.max() > UNEQUAL * test_images.min()
    return "auc", "balanced_accuracy" if unequal else "accuracy", "minority_recall"


def recalls(decided: Labels, labels: Labels, minority: NDArray[np.bool_]) -> dict[str, Contribution]:
    """Return the contributions of images with decisions (N,) to each mean of recalls, by its name."""
    right, sizes = decided == labels, np.bincount(labels, minlength=len(minority))
    weights = {"accuracy": sizes / len(labels), "balanced_accuracy": np.full(len(sizes), 1 / len(sizes))}
    weights |= {f"{role}_recall": each for role, each in _roles(minority).items()}
    return {measure: Contribution(right, each) for measure, each in weights.items()}


def aucs(scores: Scores, labels: Labels, minority: NDArray[np.bool_]) -> dict[str, Contribution]:
    """Return the contributions of images with scores (N, C) to each mean of one-vs-rest AUCs, by its name.

    The negatives of a class are one sample of several classes, so that the contribution of a negative image
    is in proportion to the share of its own class among the negatives.
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
    """Return the half-widths of the 95 % intervals of a network's recalls (C,), by Jeffreys's posterior."""
    right = recalls * images
    return Z * np.asarray(stats.beta(right + 0.5, images - right + 0.5).std())


def half_width(
    networks: Sequence[Contribution], labels: Labels, baseline: Sequence[Contribution] = ()
) -> float:
    """Return the half-width of the 95 % interval of a measure's mean, or of its difference from the baseline.

    If values are right or wrong, each class gets one more image, half right and half wrong, so that 30 of 30
    are not certainty. For one class and one network, the variance is then that of Jeffreys's posterior,
    Beta(right + 1/2, wrong + 1/2). The result is NaN if there is no such bound and the images show no error.
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
    """Return the weights (C,) of the means over minority and majority classes, or none without a minority."""
    roles = {"minority": minority, "majority": ~minority}
    return {role: members / members.sum() for role, members in roles.items() if minority.any()}


def _placements(scores: Floats, positive: NDArray[np.bool_]) -> Floats:
    """Return the placement values (N,): the share of the other group that each image is ranked correctly to.

    A positive image should score above the negatives, a negative image below the positives; ties count half.
    """
    ranks, placed = stats.rankdata(scores), np.empty(len(scores))
    for members, others in ((positive, ~positive), (~positive, positive)):
        below = ranks[members] - stats.rankdata(scores[members])
        placed[members] = below / np.count_nonzero(others)
    return np.where(positive, placed, 1 - placed)


def _average(networks: Sequence[Contribution], labels: Labels) -> tuple[Floats, Floats]:
    """Return the mean contributions (N,) over networks, and the mean weights (C,), which are their maxima."""
    if not networks:
        return np.zeros(len(labels)), np.zeros(labels.max() + 1)
    values = np.zeros(len(labels))
    for each in networks:
        values += each.values * each.weights[labels] / len(networks)
    return values, np.mean([each.weights for each in networks], axis=0)
