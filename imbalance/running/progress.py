"""The progress of a stage: an estimate of its time, and a bar on a terminal or regular lines in a log.

The rate is measured from the first iterations on, since a stage and its workers take seconds to start.
"""

import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Self

from tqdm import tqdm

from imbalance.training import checkpoints, devices
from imbalance.training.plan import Plan, Replicate
from imbalance.training.search import candidates

POLL_SECONDS = 0.5
ESTIMATE_SECONDS = 5  # of training, after which the time left is estimated
LINE_SECONDS = 30


def of_training(key: str, plan: Plan, replicates: Sequence[Replicate]) -> AbstractContextManager[object]:
    """Return the progress of a method's networks, read from their checkpoints; only rank 0 shows it.

    Networks that a search draws again are not counted in the total.
    """
    if devices.rank() > 0:
        return nullcontext()
    recipe, method = plan.recipe, plan.method
    tried = len(candidates(recipe.base_lr, recipe.repeats)) * len(method.members())
    lengths = [plan.iterations(replicate.subset) for replicate in replicates]
    total = sum(lengths) * tried if method.trains != "nothing" else 0
    folders = {replicate.checkpoints for replicate in replicates}

    def done() -> int:
        return sum(map(checkpoints.iterations_done, folders))

    return Progress(key, total, recipe.batch * recipe.iter_size, done)


class Progress:
    """A context that shows `count()` of `total` iterations, of `batch` images each, and the time left."""

    def __init__(self, label: str, total: int, batch: int, count: Callable[[], int]) -> None:
        self._label, self._total, self._batch, self._count = label, total, batch, count
        self._terminal = sys.stderr.isatty()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._show, daemon=True)
        self._measured_from: tuple[float, int] | None = None  # the moment and the count

    def __enter__(self) -> Self:
        self._begun, self._before = time.monotonic(), self._count()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        if kind is None:
            seconds = tqdm.format_interval(time.monotonic() - self._begun)
            rate = self._rate(self._total)
            self._say(f"{self._total} iterations in {seconds}, {rate or 'nearly all of it start-up'}")

    def _show(self) -> None:
        estimated, last_line = False, self._begun
        with tqdm(
            total=self._total,
            initial=self._before,
            desc=self._label,
            unit="it",
            leave=False,
            disable=not self._terminal,
        ) as bar:
            while not self._over.wait(POLL_SECONDS):
                now, done = time.monotonic(), self._count()
                if self._measured_from is None and done != self._before:
                    self._measured_from = now, done
                if self._measured_from and not estimated and now - self._measured_from[0] >= ESTIMATE_SECONDS:
                    estimated, last_line = True, now
                    self._say(
                        f"{self._total} iterations, about {self._left(done)} from here, {self._rate(done)}"
                    )
                elif not self._terminal and now - last_line >= LINE_SECONDS:
                    last_line = now
                    rate = self._rate(done) or "starting up"
                    self._say(f"{done} of {self._total} iterations, {rate}, {self._left(done)} left")
                bar.set_postfix_str(self._rate(done), refresh=False)
                bar.update(done - bar.n)

    def _say(self, line: str) -> None:
        """Print a line, above the bar if there is one."""
        tqdm.write(f"{self._label}: {line}", file=sys.stderr)

    def _per_second(self, done: int) -> float:
        """Return the iterations per second since the first one, or 0 if there was none yet."""
        if self._measured_from is None:
            return 0
        begun, count = self._measured_from
        return max(0, done - count) / max(time.monotonic() - begun, POLL_SECONDS)

    def _rate(self, done: int) -> str:
        """Return the training images per second as text, or "" if the rate is not known yet."""
        rate = self._per_second(done) * self._batch
        return f"{rate:.0f} images/s" if rate else ""

    def _left(self, done: int) -> str:
        rate = self._per_second(done)
        return tqdm.format_interval((self._total - done) / rate) if rate else "?"
