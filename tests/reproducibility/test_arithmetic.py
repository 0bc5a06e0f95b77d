"""The pinned kernels are in force where networks are trained, and processes without them are refused."""

import os
import subprocess
import sys

import pytest

from imbalance.reproducibility import arithmetic
from imbalance.running.parallel import run_all

pytestmark = pytest.mark.skipif(bool(arithmetic.unsupported()), reason="needs x86-64 Linux with AVX2")
UNPINNED = {
    name: value
    for name, value in os.environ.items()
    if name not in arithmetic.KERNELS | arithmetic.REPEATABLE
}


def in_python(code: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_stages_pin_and_each_library_obeys() -> None:
    code = (
        "import stages, torch, numpy as np\n"
        "from threadpoolctl import threadpool_info\n"
        "import scipy.linalg\n"
        "blas = {(i.get('architecture'), i['num_threads']) for i in threadpool_info() if i['internal_api'] == 'openblas'}\n"
        "print(torch.backends.cpu.get_cpu_capability(), np.show_config('dicts')['SIMD Extensions']['found'], blas)"
    )
    assert in_python(code, UNPINNED) == "AVX2 ['X86_V3'] {('Haswell', 1)}"


def test_it_is_known_whether_it_is_in_force() -> None:
    ask = "from imbalance.reproducibility import arithmetic; print(arithmetic.is_pinned())"
    assert in_python(f"import stages; {ask}", UNPINNED) == "True"
    assert in_python(ask, UNPINNED) == "False"
    asked_too_late = f"import numpy, torch; import stages; {ask}"
    assert in_python(asked_too_late, UNPINNED) == "False"


def test_it_is_in_force_in_the_workers_that_train() -> None:
    assert run_all(is_pinned_in_a_worker, [(number,) for number in range(2)]) == [True, True]


def is_pinned_in_a_worker(number: int) -> bool:
    return arithmetic.is_pinned()


def test_unpinned_leaves_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    arithmetic.unpin()
    assert not os.environ.keys() & arithmetic.KERNELS.keys()
    assert os.environ["OMP_NUM_THREADS"] == "1"
