"""Processes that end when the one that started them has ended, so that none is left behind."""

import os
import threading
import time

SECONDS = 0.5


def die_with_parent(parent: int) -> None:
    """End this process, without a word, soon after its parent is gone, which may be so already.

    So the parent tells its workers its number: asked for here, it could be that of a foster parent.
    """
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(SECONDS)
    os._exit(1)
