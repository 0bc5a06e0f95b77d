"""The arithmetic that gives the same bytes on every x86-64 processor with AVX2.

Libraries choose their kernels by the processor, and kernels round differently: torch's by the instruction
set, MKL's also by the vendor; NumPy has an exp, log and power of its own for AVX-512, OpenBLAS a matrix
product for each family of processors. All of them read the environment once, when they are loaded.
"""

import os
import platform
import sys
from pathlib import Path

KERNELS = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_CBWR": "COMPATIBLE",  # under "AVX2" it still takes other kernels on other vendors' processors
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
}
# One thread a network: sums are not split by the number of cores; and on a GPU, cuBLAS is as repeatable.
REPEATABLE = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
}

_late = False  # whether `pin` came after a library that it concerns


def unsupported() -> str | None:
    """Why this machine cannot have the pinned kernels, or None where it can."""
    here = (platform.system(), platform.machine())
    if here != ("Linux", "x86_64"):
        return f"this is {' '.join(here)}, not Linux x86_64"
    if "avx2" not in Path("/proc/cpuinfo").read_text(encoding="utf-8").split():
        return "the processor has no AVX2"
    return None


def pin() -> None:
    """Choose the kernels for this process and those that it starts; before NumPy and torch are imported.

    Where they are not supported, only one thread a network: torch would obey, and crash.
    """
    global _late
    wanted = REPEATABLE if unsupported() else KERNELS | REPEATABLE
    loaded = sys.modules.keys() & {"numpy", "scipy", "torch"}
    _late = bool(loaded) and any(os.environ.get(name) != value for name, value in wanted.items())
    os.environ.update(wanted)


def unpin() -> None:
    """Let processes started from now on take the fastest kernels of their processor."""
    for name in KERNELS:
        os.environ.pop(name, None)


def is_pinned() -> bool:
    """Whether this process computes with the pinned kernels: asked for, and in time."""
    import numpy as np
    import torch

    asked = all(os.environ.get(name) == value for name, value in (KERNELS | REPEATABLE).items())
    taken = np.show_config("dicts")["SIMD Extensions"]["found"]
    return (
        not _late and asked and "X86_V4" not in taken and torch.backends.cpu.get_cpu_capability() != "AVX512"
    )


def settle_torch() -> None:
    """Make what torch computes in this thread repeatable."""
    import torch

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    # a debugging aid that comes with it, and costs time
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
