"""Parallel execution of a stage's tasks: on the cores of this machine, or on a Dask or Ray cluster.

The tasks are the same everywhere, and so are the resulting bytes. A cluster's workers need this repository's
folder at the same path (a shared file system) and its environment. Dask's workers pin the arithmetic when
they start (`--preload stages`); Ray's receive the environment variables.
"""

import logging
import os
import platform
import signal
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, TypeVar

from joblib import Parallel, cpu_count, delayed, parallel_config

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
    name, tasks = os.environ.get(VARIABLE, "local"), list(arguments)
    if name == "local":
        return run_here(task, tasks, min(cpu_count() if jobs < 0 else jobs, len(tasks)))
    with cluster(name):
        try:
            return Parallel(n_jobs=jobs)(delayed(task)(*each) for each in tasks)
        except Exception as error:
            if type(error).__module__.partition(".")[0] not in ("distributed", "ray", "joblib"):
                raise
            raise InputError(
                f"the cluster failed ({type(error).__name__}: {' '.join(str(error).split())[:200]}); "
                "`dvc repro` goes on from the last checkpoint."
            ) from error


def run_here(task: Callable[..., Result], tasks: list[tuple[Any, ...]], workers: int) -> list[Result]:
    """Return the results of task(*arguments) in order, by so many processes of this machine.

    Workers are copies of this process, which has imported all already, unless they need other kernels.
    """
    if workers < 2:
        return [task(*each) for each in tasks]
    copied = platform.system() == "Linux" and arithmetic.is_asked()
    with warnings.catch_warnings():
        # Python warns of the threads of a process that is copied: here they only wait, and show the progress.
        warnings.simplefilter("ignore", DeprecationWarning)
        context = get_context("fork" if copied else "spawn")
        pool = ProcessPoolExecutor(workers, context, start_worker, (os.getpid(),))
        with pool:
            try:
                futures = [pool.submit(task, *each) for each in tasks]
                return [future.result() for future in futures]
            except BrokenProcessPool as error:
                raise InputError(
                    "a worker process was killed, perhaps for want of memory (LOKY_MAX_CPU_COUNT=1 runs one "
                    "at a time); `dvc repro` goes on from the last checkpoint."
                ) from error
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


@contextmanager
def cluster(name: str) -> Iterator[None]:
    """Send joblib's tasks to the cluster `name`, within the context."""
    kind, _, address = name.partition(":")
    match kind:
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
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    die_with_parent(parent)
