import numpy as np

from imbalance.reproducibility.seeding import generator


def test_streams_differ_by_seed_replicate_and_purpose_and_repeat() -> None:
    streams = [(0, 0, "subset"), (1, 0, "subset"), (0, 1, "subset"), (0, 0, "weights"), (0, 0, "batches")]
    drawn = [tuple(generator(*stream).integers(0, 2**31, 4)) for stream in streams]
    assert len(set(drawn)) == len(streams)
    assert drawn == [tuple(generator(*stream).integers(0, 2**31, 4)) for stream in streams]


def test_streams_are_those_that_the_committed_results_were_drawn_from() -> None:
    assert generator(0, 0, "subset").integers(0, 1000, 4).tolist() == GOLDEN
    assert isinstance(generator(0, 0, "subset").bit_generator, np.random.PCG64)


GOLDEN = [262, 751, 861, 675]
