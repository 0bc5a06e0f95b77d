"""Random generators: one independent stream for every (seed, replicate, purpose)."""

import zlib

import numpy as np


def generator(seed: int, replicate: int, purpose: str) -> np.random.Generator:
    """Return the random stream for one purpose ("subset", "weights", "batches", ...) in one replicate.

    Streams are independent of each other, of the number of replicates and of the order of execution.
    Methods share the streams of a replicate (common random numbers), so that comparisons are paired.
    """
    purpose_key = zlib.crc32(purpose.encode())
    return np.random.Generator(
        np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(replicate, purpose_key)))
    )
