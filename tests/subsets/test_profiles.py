"""The forms of imbalance, against the numbers of the papers."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imbalance.errors import InputError
from imbalance.subsets.profiles import Profile, _within, class_sizes, exponential, linear, step

AVAILABLE = np.array([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])  # MNIST's training set


def sizes_of(available: np.ndarray = AVAILABLE, seed: int = 0, **changes: Any) -> np.ndarray:
    defaults = dict(imbalance="step", rho=10, mu=0.5, counts=(), n_max=5000, minority="lowest")
    return class_sizes(available, Profile(**(defaults | changes)), np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("rho", "small"),
    [(10, 500), (25, 200), (50, 100), (100, 50), (250, 20), (500, 10), (1000, 5), (2500, 2), (5000, 1)],
)
def test_step_minority_sizes_of_the_mnist_grid(rho: int, small: int) -> None:
    assert step(10, 5000, rho, 0.5).tolist() == [small] * 5 + [5000] * 5


def test_sizes_that_binary_numbers_miss_are_rounded_as_decimals() -> None:
    assert (step(100, 10, 10, 0.285) == 1).sum() == 29  # 0.285 * 100 = 28.499999999999996
    for n_max, rho in [(2997, 3.24), (115, 1.15)]:
        exact = int(n_max / Fraction(str(rho)))
        assert exponential(2, n_max, rho).tolist() == [exact, n_max]


def test_step_of_figure_1a_has_27500_images() -> None:
    assert step(10, 5000, 10, 0.5).sum() == 27_500


@pytest.mark.parametrize("minority", range(1, 10))
def test_mu_is_the_fraction_of_minority_classes(minority: int) -> None:
    assert (step(10, 5000, 10, minority / 10) == 500).sum() == minority


@pytest.mark.parametrize(("rho", "small"), [(2, 2500), (10, 500), (20, 250), (50, 100)])
def test_step_minority_sizes_of_the_cifar10_grid(rho: int, small: int) -> None:
    for mu, minority in [(0.2, 2), (0.5, 5), (0.8, 8)]:
        assert step(10, 5000, rho, mu).tolist() == [small] * minority + [5000] * (10 - minority)


def test_linear() -> None:
    assert linear(10, 5000, 50).tolist() == [100, 644, 1189, 1733, 2278, 2822, 3367, 3911, 4456, 5000]
    assert linear(10, 5000, 10).tolist() == list(range(500, 5001, 500))


@pytest.mark.parametrize(("rho", "total"), [(10, 27_500), (50, 25_500)])
def test_linear_has_the_total_of_a_step_with_half_of_the_classes(rho: int, total: int) -> None:
    assert linear(10, 5000, rho).sum() == step(10, 5000, rho, 0.5).sum() == total


@pytest.mark.parametrize(
    ("rho", "sizes"),
    [
        (200, [5000, 2775, 1540, 854, 474, 263, 146, 81, 45, 25]),
        (100, [5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50]),
        (50, [5000, 3237, 2096, 1357, 878, 568, 368, 238, 154, 100]),
        (10, [5000, 3871, 2997, 2320, 1796, 1391, 1077, 834, 645, 500]),
    ],
)
def test_exponential_is_the_long_tail_of_cui_and_cao(rho: int, sizes: list[int]) -> None:
    assert sizes_of(imbalance="exponential", rho=rho, minority="highest").tolist() == sizes


def test_exponential_rho_20_has_17023_images() -> None:
    assert exponential(10, 5000, 20).sum() == 17_023


def test_minority_lowest_and_highest_are_mirror_images() -> None:
    lowest, highest = sizes_of(minority="lowest"), sizes_of(minority="highest")
    assert lowest.tolist() == [500] * 5 + [5000] * 5
    assert highest.tolist() == lowest[::-1].tolist()


def test_minority_random_differs_between_replicates_and_repeats_with_the_seed() -> None:
    drawn = {tuple(sizes_of(minority="random", seed=seed)) for seed in range(20)}
    assert len(drawn) > 10
    assert all(sorted(sizes) == [500] * 5 + [5000] * 5 for sizes in drawn)
    assert sizes_of(minority="random", seed=3).tolist() == sizes_of(minority="random", seed=3).tolist()


def test_natural_takes_every_image() -> None:
    assert sizes_of(imbalance="natural").tolist() == AVAILABLE.tolist()


def test_counts_are_taken_by_label() -> None:
    counts = tuple(range(1, 11))
    assert sizes_of(imbalance="counts", counts=counts, minority="random").tolist() == list(counts)


@pytest.mark.parametrize(
    ("imbalance", "sizes"),
    [
        ("D1", [3400] * 10),
        ("D3", [2040] * 5 + [4760] * 5),  # 6 and 14 % of 34 000
        ("D5", [4930] + [3230] * 9),  # 14.5 and 9.5 %
        ("D9", [3230] * 9 + [4930]),
    ],
)
def test_the_distributions_of_hensman_and_masko_have_as_many_images(imbalance: str, sizes: list[int]) -> None:
    cifar10 = np.full(10, 5000)
    found = sizes_of(cifar10, imbalance=imbalance, n_max=4930, minority="random")
    assert found.tolist() == sizes
    assert found.sum() == 34_000


def test_n_max_falls_to_the_largest_size_that_fits() -> None:
    assert sizes_of(n_max=10_000, rho=1).tolist() == [5421] * 10
    assert sorted(sizes_of(n_max=10_000, rho=10)) == [595] * 5 + [5949] * 5


@pytest.mark.parametrize("imbalance", ["step", "linear", "exponential"])
@pytest.mark.parametrize("minority", ["random", "lowest", "highest"])
def test_two_classes_keep_the_images_of_the_larger(imbalance: str, minority: str) -> None:
    for available in ([900, 30], [30, 900]):
        sizes = sizes_of(np.array(available), imbalance=imbalance, rho=30, minority=minority)
        assert sizes.tolist() == available
        sizes = sizes_of(np.array(available), imbalance=imbalance, rho=10, minority=minority)
        assert sorted(sizes) == [30, 309 if imbalance == "exponential" else 304], "309 / 10 is truncated"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (dict(rho=5001), "rho = 5001 leaves a class empty.*choose rho from 1 to 5000"),
        (dict(imbalance="linear", rho=5001), "rho = 5001 leaves a class empty"),
        (dict(imbalance="exponential", rho=5001), "rho = 5001 leaves a class empty"),
        (dict(mu=0.04), "mu = 0.04 leaves no minority class among 10 classes"),
        (dict(mu=0.96), "mu = 0.96 leaves no majority class among 10 classes"),
        (dict(imbalance="counts", counts=(1, 2)), "counts lists 2 sizes for 10 classes"),
        (dict(imbalance="counts", counts=(5924, *[1] * 9)), "5924 images of class 0; choose from 1 to 5923"),
        (dict(imbalance="counts", counts=(*[1] * 9, 0)), "0 images of class 9; choose from 1 to 5949"),
        (dict(imbalance="D5", n_max=5924), "D5 asks for more images .* choose n_max up to 5923"),
        (
            dict(imbalance="D3", available=AVAILABLE[:2]),
            "D3 is a distribution over 10 classes, and there are 2",
        ),
    ],
)
def test_impossible_profiles_are_refused_with_a_way_out(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        sizes_of(**changes)


RHOS = st.floats(1, 5000) | st.floats(1, allow_infinity=False)
MUS = st.floats(0, 1, exclude_min=True, exclude_max=True)
PROFILES = st.sampled_from(["step", "linear", "exponential"])


@given(
    imbalance=PROFILES,
    classes=st.integers(2, 50),
    n_max=st.integers(1),
    mu=MUS,
    rho=RHOS,
    seed=st.integers(0),
)
def test_every_accepted_profile_keeps_its_promise(
    imbalance: str, classes: int, n_max: int, mu: float, rho: float, seed: int
) -> None:
    largest = min(n_max, 5000)
    try:
        by_rank, by_class = (
            sizes_of(
                np.full(classes, 5000),
                seed,
                imbalance=imbalance,
                n_max=n_max,
                mu=mu,
                rho=rho,
                minority=minority,
            )
            for minority in ("lowest", "random")
        )
    except InputError:
        minorities = np.floor(np.round(mu * classes, 9) + 0.5)
        assert rho > largest or (imbalance == "step" and minorities in (0, classes))
        return
    assert sorted(by_class) == by_rank.tolist(), "the same sizes, smallest first"
    assert by_rank.shape == (classes,)
    assert by_rank.dtype == np.int64
    assert by_rank[-1] == largest
    assert by_rank[0] >= 1
    assert abs(by_rank[0] - largest / rho) < 1 + 1e-9
    if imbalance == "step":
        assert len(set(by_rank)) <= 2
    if imbalance == "linear":
        assert np.abs(np.diff(by_rank, 2)).max(initial=0) <= 2, "equal steps, but for rounding"


@given(
    imbalance=PROFILES,
    available=st.lists(st.integers(1, 9999), min_size=2, max_size=20),
    rho=RHOS,
    seed=st.integers(0),
)
def test_no_class_is_asked_for_more_images_than_it_has(
    imbalance: str, available: list[int], rho: float, seed: int
) -> None:
    try:
        sizes = sizes_of(
            np.array(available), seed, imbalance=imbalance, n_max=5000, rho=rho, minority="random"
        )
    except InputError:
        assert rho > min(*available, 5000)
        return
    assert (sizes <= available).all()


# --- classes too small for their rank


IMAGENET = np.array([732, 900, 999, 1000, 1200, *[1300] * 15])  # like ImageNet's classes, fifty times fewer


@pytest.mark.parametrize("seed", range(10))
def test_classes_smaller_than_n_max_are_always_in_the_minority(seed: int) -> None:
    sizes = sizes_of(IMAGENET, seed, n_max=1000, mu=0.2, minority="random")
    assert sorted(sizes) == [100] * 4 + [1000] * 16
    assert (sizes[:3] == 100).all()


def test_the_other_minority_classes_are_drawn_at_random() -> None:
    drawn = [sizes_of(IMAGENET, seed, n_max=1000, mu=0.2, minority="random") for seed in range(1000)]
    times = (np.array(drawn)[:, 3:] == 100).sum(axis=0)
    assert times.sum() == 1000
    assert np.abs(times - 1000 / 17).max() < 5 * np.sqrt(1000 / 17)


def test_more_small_classes_than_small_ranks_lower_n_max() -> None:
    sizes = sizes_of(IMAGENET, n_max=1000, mu=0.1, minority="random")
    assert sorted(sizes) == [100] * 2 + [999] * 18


def test_a_swap_that_fits_one_side_alone_leads_on_to_an_order_that_fits() -> None:
    # 3 images, but rank 9: only class 1 has a rank small enough, and it cannot take the 9 in exchange
    sizes = _within(np.array([3, 6, 9]), np.array([9, 3, 6]), np.random.default_rng(0))
    assert sizes.tolist() == [3, 6, 9]


@given(
    pairs=st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), min_size=1, max_size=12),
    seed=st.integers(0),
)
def test_sizes_are_exchanged_only_where_they_must_be(pairs: list[tuple[int, int]], seed: int) -> None:
    # of two lists, sorted side by side, the smaller of each pair fits into the larger
    ordered = zip(*(sorted(side) for side in zip(*pairs, strict=True)), strict=True)
    sizes, available = np.array([sorted(pair) for pair in ordered]).T
    rng = np.random.default_rng(seed)
    wanted, available = rng.permutation(sizes), rng.permutation(available)
    result = _within(available, wanted, rng)
    assert (result <= available).all()
    assert sorted(result) == sorted(wanted)
    if (wanted <= available).all():
        assert result.tolist() == wanted.tolist()


@given(imbalance=PROFILES, seed=st.integers(0), rho=st.floats(1, 5000))
def test_where_every_class_is_large_enough_the_ranks_are_those_drawn(
    imbalance: str, seed: int, rho: float
) -> None:
    rng = np.random.default_rng(seed)
    sizes = sizes_of(seed=seed, imbalance=imbalance, rho=rho, minority="random")
    assert sizes.tolist() == rng.permutation(sizes_of(imbalance=imbalance, rho=rho)).tolist()


@given(
    available=st.lists(st.integers(1, 60), min_size=2, max_size=12),
    n_max=st.integers(1, 60),
    imbalance=PROFILES,
    minority=st.sampled_from(["random", "lowest", "highest"]),
    seed=st.integers(0),
)
def test_n_max_is_lowered_only_where_no_order_of_the_ranks_fits(
    available: list[int], n_max: int, imbalance: str, minority: str, seed: int
) -> None:
    asked = {"imbalance": imbalance, "rho": 1.5, "mu": 0.5, "n_max": n_max}

    def exceeds(largest: int) -> bool:
        """Whether no order of the ranks fits, if the largest class has so many images."""
        ranks = sizes_of(np.full(len(available), 60), **asked | {"n_max": largest})
        return any(size > limit for size, limit in zip(sorted(ranks), sorted(available), strict=True))

    try:
        sizes = sizes_of(np.array(available), seed, minority=minority, **asked)
    except InputError:
        assert n_max == 1 or exceeds(2), "1 image / 1.5 is less than one"
        return
    fits = not exceeds(n_max)
    assert (sizes.max() == n_max) == fits
    assert (sizes <= available).all()
    assert fits or exceeds(int(sizes.max()) + 1)


@given(
    counts=st.lists(st.integers(), max_size=12),
    available=st.lists(st.integers(1, 9), min_size=1, max_size=12),
)
def test_counts_are_taken_as_they_are_or_refused(counts: list[int], available: list[int]) -> None:
    try:
        sizes = sizes_of(np.array(available), imbalance="counts", counts=counts)
    except InputError:
        assert len(counts) != len(available) or any(
            not 1 <= n <= m for n, m in zip(counts, available, strict=True)
        )
        return
    assert sizes.tolist() == counts
