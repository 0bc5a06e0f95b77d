"""One thin script per DVC stage: read the parameters, call `imbalance`, write the outputs.

Importing this package pins the arithmetic (imbalance/arithmetic.py), so it comes before NumPy and torch.
"""

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

from imbalance import arithmetic
from imbalance.errors import InputError
from imbalance.parents import die_with_parent

arithmetic.pin()


def run(main: Callable[[], None]) -> None:
    """Run a stage's `main`; what goes wrong outside the code is a message without a traceback, and status 1.

    Ctrl-C and SIGTERM end it at once, and so does the end of DVC, however it came; checkpoints stay.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    if "DVC_STAGE" in os.environ:
        die_with_parent()
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        sys.exit(f"error: {error}; make room or give permission, and run `dvc repro` again.")


def stop(number: int, frame: FrameType | None) -> None:
    """Leave without unwinding: workers notice (imbalance/parents.py), and nothing needs to be cleaned up."""
    os.write(2, b"\nstopped; `dvc repro` goes on from the last checkpoint.\n")
    os._exit(128 + number)
