"""Compilation of a step for a GPU, and its capture as a CUDA graph, which is launched as a whole."""

import os
import shutil
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import torch

from imbalance.errors import InputError

WARM_UP = 3  # steps, as PyTorch's notes on CUDA graphs require
SHAPES = 64  # fleet shapes in one process, at most; each is compiled separately

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def compiled(function: Callable[Arguments, Result], device: torch.device) -> Callable[Arguments, Result]:
    """Return the function compiled for a GPU, or unchanged for a CPU.

    Raises `InputError` if a C compiler or Python's headers are missing.
    """
    if device.type != "cuda":
        return function
    if not (os.environ.get("CC") or shutil.which("gcc") or shutil.which("clang")):
        raise InputError("kernels are compiled for the GPU, but there is no C compiler here; install gcc.")
    if not Path(sysconfig.get_path("include"), "Python.h").is_file():
        raise InputError(
            "kernels are compiled for the GPU, but Python.h is missing; install your Python's headers "
            "(python3-dev)."
        )
    torch._dynamo.config.recompile_limit = SHAPES
    return torch.compile(function, fullgraph=True, dynamic=False)


class Repeated:
    """A step that reads and writes the same tensors in each call, and nothing on the CPU.

    On a GPU, the first few calls run as usual; all later calls replay a CUDA graph, at the cost of one
    launch. Everything that changes from step to step, such as a cursor, must be a tensor that the step
    changes itself.
    """

    def __init__(self, step: Callable[[], None], device: torch.device) -> None:
        self._step = step
        self._warm_up = WARM_UP
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None  # type: ignore[no-untyped-call]
        self._graph: torch.cuda.CUDAGraph | None = None

    def __call__(self) -> None:
        """Run the step, or replay its graph on the GPU."""
        if self._stream is None:
            self._step()
        elif self._graph is not None:
            self._graph.replay()
        elif self._warm_up:
            self._warm_up -= 1
            self._stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(self._stream):
                self._step()
            torch.cuda.current_stream().wait_stream(self._stream)
        else:
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, stream=self._stream):
                self._step()  # recorded, not executed
            self._graph = graph
            graph.replay()
