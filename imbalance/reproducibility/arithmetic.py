"""Pinned arithmetic: floating-point kernels that give the same bytes on every x86-64 processor with AVX2.

Libraries choose their kernels by the processor, and different kernels round differently. torch chooses by
the instruction set, MKL also by the vendor; NumPy has separate exp, log and power functions for AVX-512, and
OpenBLAS a matrix product for each processor family. All of them read the environment once, when loaded.
"""

import os
import platform
import sys
from pathlib import Path

KERNELS = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_CBWR": "COMPATIBLE",  # with "AVX2", MKL still chooses other kernels on other vendors' processors
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
}
# One thread per network, so that sums are not split by the number of cores. The last setting makes cuBLAS
# deterministic on a GPU.
REPEATABLE = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
}

_late = False  # whether `pin` was called after a library had read the environment


def unsupported() -> str | None:
    """Return the reason why this machine does not support the pinned kernels, or None if it does."""
    here = (platform.system(), platform.machine())
    if here != ("Linux", "x86_64"):
        return f"this is {' '.join(here)}, not Linux x86_64"
    if "avx2" not in Path("/proc/cpuinfo").read_text(encoding="utf-8").split():
        return "the processor has no AVX2"
    return None


def pin() -> None:
    """Pin the kernels of this process and its children; call it before NumPy and torch are imported.

    On a machine that does not support the kernels, only the number of threads is set: torch would use the
    kernels all the same, and crash.
    """
    global _late
    wanted = REPEATABLE if unsupported() else KERNELS | REPEATABLE
    loaded = sys.modules.keys() & {"numpy", "scipy", "torch"}
    _late = bool(loaded) and any(os.environ.get(name) != value for name, value in wanted.items())
    os.environ.update(wanted)


def unpin() -> None:
    """Let processes that are started from now on use the fastest kernels of their processor."""
    for name in KERNELS:
        os.environ.pop(name, None)


def is_asked() -> bool:
    """Return whether the environment asks for the pinned kernels, as it does until `unpin`."""
    return all(os.environ.get(name) == value for name, value in (KERNELS | REPEATABLE).items())


def is_pinned() -> bool:
    """Return whether this process uses the pinned kernels: `pin` was called, and early enough."""
    import numpy as np
    import torch

    taken = np.show_config("dicts")["SIMD Extensions"]["found"]
    return (
        not _late
        and is_asked()
        and "X86_V4" not in taken
        and torch.backends.cpu.get_cpu_capability() != "AVX512"
    )


def settle_torch() -> None:
    """Make torch deterministic in this thread: one thread, deterministic algorithms."""
    import torch

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    # deterministic mode switches on this debugging aid, which costs time
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
