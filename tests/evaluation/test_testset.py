import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from imbalance.evaluation.metrics import class_rankings, decision_measures, ranking_measures
from imbalance.evaluation.testset import Contribution, aucs, half_width, leading, of_recalls, recalls

Z = stats.norm.ppf(0.975)


def labels_of(*sizes: int) -> np.ndarray:
    return np.repeat(np.arange(len(sizes)), sizes)


@pytest.mark.parametrize(("right", "images"), [(30, 30), (0, 5), (7, 10), (980, 1000)])
def test_of_one_class_it_is_jeffreys_posterior(right: int, images: int) -> None:
    values = np.arange(images) < right
    error = half_width([Contribution(values, np.ones(1))], labels_of(images))
    assert error == pytest.approx(Z * stats.beta(right + 0.5, images - right + 0.5).std())


def test_of_recalls_it_is_the_same_class_by_class() -> None:
    single = [
        half_width([Contribution(np.arange(n) < k, np.ones(1))], labels_of(n)) for k, n in ((30, 30), (7, 9))
    ]
    assert of_recalls(np.array([1, 7 / 9]), np.array([30, 9])) == pytest.approx(single)


def test_of_balanced_accuracy_it_is_the_spread_of_the_classes_posteriors() -> None:
    labels, minority = labels_of(300, 20), np.array([False, True])
    decided = np.where(np.arange(320) % 10 < 3, 1 - labels, labels)
    rng = np.random.default_rng(0)
    right = [np.count_nonzero((decided == labels) & (labels == label)) for label in (0, 1)]
    draws = [rng.beta(k + 0.5, n - k + 0.5, 200_000) for k, n in zip(right, (300, 20), strict=True)]
    found = recalls(decided, labels, minority)
    assert half_width([found["balanced_accuracy"]], labels) == pytest.approx(
        Z * np.mean(draws, axis=0).std(), rel=0.01
    )
    assert half_width([found["minority_recall"]], labels) == pytest.approx(Z * draws[1].std(), rel=0.01)
    accuracy = (300 * draws[0] + 20 * draws[1]) / 320
    assert half_width([found["accuracy"]], labels) == pytest.approx(Z * accuracy.std(), rel=0.01)


def test_contributions_add_up_to_the_measure() -> None:
    rng = np.random.default_rng(1)
    labels, minority = labels_of(50, 30, 20), np.array([False, True, True])
    scores = rng.normal(size=(100, 3)) + np.eye(3)[labels]
    measured = decision_measures(scores, labels, minority)
    for name, each in recalls(scores.argmax(axis=1), labels, minority).items():
        means = [each.values[labels == label].mean() for label in range(3)]
        if name in measured:
            assert np.dot(each.weights, means) == pytest.approx(measured[name])
    each = aucs(scores, labels, minority)["auc"]  # every pair is counted from both of its sides
    means = [each.values[labels == label].mean() for label in range(3)]
    assert sum(means) == pytest.approx(2 * ranking_measures(class_rankings(scores, labels), minority)["auc"])


def test_of_auc_it_is_the_spread_over_test_sets_drawn_anew() -> None:
    rng = np.random.default_rng(2)
    labels, minority = labels_of(300, 200, 60), np.array([False, False, True])

    def drawn() -> np.ndarray:
        return rng.normal(size=(len(labels), 3)) + 1.5 * np.eye(3)[labels]

    values = [roc_auc_score(np.eye(3)[labels], drawn(), average="macro") for _ in range(1500)]
    errors = [half_width([aucs(drawn(), labels, minority)["auc"]], labels) for _ in range(20)]
    assert np.mean(errors) == pytest.approx(Z * np.std(values), rel=0.1)


def test_replicates_share_the_test_images_so_their_errors_do_not_average_out() -> None:
    labels, minority = labels_of(40), np.array([False])
    one = recalls(np.where(np.arange(40) < 30, 0, 1), labels, minority)["balanced_accuracy"]
    assert half_width([one] * 6, labels) == half_width([one], labels)


def test_a_paired_difference_knows_more_than_either() -> None:
    rng = np.random.default_rng(3)
    labels, minority = labels_of(2000, 1000), np.array([False, True])
    decided = np.where(rng.uniform(size=3000) < 0.2, 1 - labels, labels)
    better = np.where(rng.uniform(size=3000) < 0.1, labels, decided)
    first, second = (recalls(each, labels, minority)["accuracy"] for each in (better, decided))
    changed = (better != decided).mean()  # McNemar: the variance of a mean of 0 and 1, here all to the better
    paired = half_width([first], labels, [second])
    assert paired == pytest.approx(Z * np.sqrt(changed * (1 - changed) / 3000), rel=0.03)
    assert paired < half_width([first], labels) < half_width([second], labels)
    assert half_width([first], labels, [first]) > 0


def test_a_perfect_ranking_shows_no_error_so_none_is_given() -> None:
    labels = labels_of(30, 5)
    perfect = aucs(np.eye(2)[labels], labels, np.array([False, True]))
    assert np.isnan(half_width([perfect["auc"]], labels))


def test_balanced_accuracy_leads_where_test_classes_are_unequal() -> None:
    assert leading(np.array([15, 10]))[1] == "accuracy"
    assert leading(np.array([16, 10]))[1] == "balanced_accuracy"
