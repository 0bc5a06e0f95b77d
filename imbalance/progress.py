"""How far a stage is: a bar on a terminal; in a log, a line now and then."""

import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tqdm import tqdm

BAR_SECONDS = 0.5
LINE_SECONDS = 30


class Progress:
    """While entered, shows `count()` of `total` iterations of `batch` images each, and the time left."""

    def __init__(self, label: str, total: int, batch: int, count: Callable[[], int]) -> None:
        self._label, self._total, self._batch, self._count = label, total, batch, count
        self._terminal = sys.stderr.isatty()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._show, daemon=True)

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
            print(f"{self._label}: {self._total} iterations in {seconds}, {rate}", file=sys.stderr)

    def _show(self) -> None:
        if self._terminal:
            with tqdm(
                total=self._total, initial=self._before, desc=self._label, unit="it", leave=False
            ) as bar:
                while not self._over.wait(BAR_SECONDS):
                    bar.set_postfix_str(self._rate(done := self._count()), refresh=False)
                    bar.update(done - bar.n)
        while not self._over.wait(LINE_SECONDS):
            done = self._count()
            print(
                f"{self._label}: {done} of {self._total} iterations, {self._rate(done)}, "
                f"{self._left(done)} left",
                file=sys.stderr,
            )

    def _rate(self, done: int) -> str:
        images = (done - self._before) * self._batch
        return f"{images / (time.monotonic() - self._begun):.0f} images/s"

    def _left(self, done: int) -> str:
        if done == self._before:
            return "?"
        seconds = (time.monotonic() - self._begun) / (done - self._before) * (self._total - done)
        return tqdm.format_interval(seconds)
