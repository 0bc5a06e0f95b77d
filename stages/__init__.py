"""One thin script per DVC stage: read the parameters, call `imbalance`, write the outputs.

Importing this package pins the arithmetic, so it must come before torch: with these settings the
weights come out bit-identical on every x86-64 processor with AVX2 (AVX-512 and vendor-specific
kernels round differently), and one thread per network makes them independent of the core count.
"""

import os
import sys
from collections.abc import Callable

from imbalance.errors import InputError

PINNED_ARITHMETIC = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_CBWR": "COMPATIBLE",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
os.environ.update(PINNED_ARITHMETIC)


def run(main: Callable[[], None]) -> None:
    """Run a stage's `main`; an `InputError` becomes a message without a traceback, and exit status 1."""
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
