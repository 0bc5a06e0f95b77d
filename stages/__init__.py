"""One thin script per DVC stage: read the parameters, call `imbalance`, write the outputs.

Importing this package pins the arithmetic (imbalance/reproducibility/arithmetic.py), so import it before
NumPy and torch. Under DVC, Ctrl-C and SIGTERM end a stage at once, as does the end of DVC itself; checkpoints
stay.
"""

import os
import signal
import sys
from collections.abc import Callable
from io import TextIOWrapper
from types import FrameType

from imbalance.errors import InputError
from imbalance.reproducibility import arithmetic
from imbalance.running.parents import die_with_parent


def stop(number: int, frame: FrameType | None) -> None:
    """Exit without unwinding: workers notice it and end, and outputs are atomic."""
    os.write(2, b"\nstopped; `dvc repro` goes on from the last checkpoint.\n")
    os._exit(128 + number)


arithmetic.pin()
# Here, since the imports that follow take seconds, in which DVC may be stopped, too.
if "DVC_STAGE" in os.environ:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    die_with_parent(os.getppid())


def run(main: Callable[[], None]) -> None:
    """Run a stage's `main`; errors outside the code are messages without a traceback, with exit status 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names of files need not be UTF-8
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        sys.exit(f"error: {error}; make room or give permission, and run `dvc repro` again.")
    except MemoryError as error:
        sys.exit(f"error: too little memory ({error}); lower what takes it, such as `batch` or `replicates`.")
