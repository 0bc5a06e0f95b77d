"""Processes that end when their parent process has ended, so that none is left behind."""

import os
import threading
import time

SECONDS = 0.5


def die_with_parent(parent: int) -> None:
    """Exit silently soon after the process `parent` has exited.

    The parent's PID is passed in, since `os.getppid()` may already return that of the process that adopted
    this one.
    """
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(SECONDS)
    os._exit(1)
