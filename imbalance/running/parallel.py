"""Parallel execution of a stage's tasks: on the cores of this machine, or on a Dask or Ray cluster.

The tasks are the same everywhere, and so are the resulting bytes. A cluster's workers need this repository's
folder at the same path (a shared file system) and its environment. Dask's workers pin the arithmetic when
they start (`--preload stages`); Ray's receive the environment variables.
"""

import logging
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError

from imbalance.errors import InputError
from imbalance.reproducibility import arithmetic
from imbalance.running.parents import die_with_parent

VARIABLE = "IMBALANCE_EXECUTOR"
Result = TypeVar("Result")


def run_all(
    task: Callable[..., Result], arguments: Iterable[tuple[Any, ...]], jobs: int = -1
) -> list[Result]:
    """Return the results of task(*arguments) in order, by the executor that IMBALANCE_EXECUTOR names.

    The executor is `local` (default: one worker per core, at most LOKY_MAX_CPU_COUNT), `dask:<scheduler's
    address>` or `ray:<address>`. It runs at most `jobs` tasks at once, or with -1 as many as it can. Raises
    `InputError` if the executor cannot be reached, or a worker was killed.
    """
    with executor(os.environ.get(VARIABLE, "local")):
        try:
            return Parallel(n_jobs=jobs)(delayed(task)(*each) for each in arguments)
        except Exception as error:
            if type(error).__module__.partition(".")[0] not in ("distributed", "ray", "joblib"):
                raise
            if not isinstance(error, TerminatedWorkerError):
                raise InputError(
                    f"the cluster failed ({type(error).__name__}: {' '.join(str(error).split())[:200]}); "
                    "`dvc repro` goes on from the last checkpoint."
                ) from error
            raise InputError(
                "a worker process was killed, perhaps for want of memory (LOKY_MAX_CPU_COUNT=1 runs one at "
                "a time); `dvc repro` goes on from the last checkpoint."
            ) from error


@contextmanager
def executor(name: str) -> Iterator[None]:
    """Send joblib's tasks to the executor `name`, within the context."""
    kind, _, address = name.partition(":")
    match kind:
        case "local":
            with parallel_config("loky", initializer=start_worker, initargs=(os.getpid(),)):
                yield
            # The idle workers are killed, since they would take seconds to end by themselves.
            get_reusable_executor(reuse=True).shutdown(kill_workers=True)
        case "dask" if address:
            try:
                from distributed import Client

                client = Client(address, timeout=5)  # type: ignore[no-untyped-call]
            except (ImportError, OSError, ValueError) as error:
                raise InputError(f"{VARIABLE}={name}: no Dask scheduler answers ({error}).") from error
            with client, parallel_config("dask", wait_for_workers_timeout=120):
                yield
        case "ray" if address:
            kernels = arithmetic.KERNELS | arithmetic.REPEATABLE
            pins = {name: os.environ[name] for name in kernels if name in os.environ}
            try:
                import ray
                from ray.util.joblib import register_ray

                ray.init(address, runtime_env={"env_vars": pins})
            except (ImportError, ConnectionError, ValueError) as error:
                raise InputError(f"{VARIABLE}={name}: no Ray cluster answers ({error}).") from error
            register_ray()
            with parallel_config("ray"):
                yield
        case _:
            raise InputError(f"{VARIABLE}={name}: choose local, dask:<scheduler's address> or ray:<address>.")


def run_team(processes: int, module: str, *arguments: str) -> None:
    """Run `python -m module arguments` in several processes that train together, and wait for them.

    This does in this process what torchrun does, but keeps its handling of Ctrl-C and SIGTERM; the processes
    are its children. Raises `InputError` if one of them fails, which ends the others.
    """
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.run import parse_args, run

    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)  # hides reports of failures
    options = ["--standalone", f"--nproc-per-node={processes}", "--signals-to-handle=SIGQUIT"]
    try:
        run(parse_args([*options, "--module", module, *arguments]))  # type: ignore[no-untyped-call]
    except ChildFailedError as error:
        raise InputError(
            f"one of {processes} processes failed; its message is above, and `dvc repro` resumes from the "
            "last checkpoint."
        ) from error


def start_worker(parent: int) -> None:
    """Initialise a local worker: it leaves Ctrl-C to its parent process, and ends when the parent ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent(parent)
