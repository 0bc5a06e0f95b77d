"""The same bytes on other processors, emulated by QEMU: `make test-processors` (minutes; needs qemu-user)."""

import os
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

import pytest

# A few iterations of every network, and what NumPy, SciPy and scikit-learn compute for the rest of a run.
PROGRAM = """
import stages
import hashlib
import numpy as np
import torch
from imbalance import catalogue, networks
from imbalance.reproducibility import arithmetic
from imbalance.data.examples import in_batches
from imbalance.networks.parts.inputs import GcnZca
from imbalance.evaluation.metrics import class_rankings, decision_measures, ranking_measures
from imbalance.methods import parse
from imbalance.evaluation.statistics import _interval, _paired_p
from imbalance.training.jobs import Job
from imbalance.training.loop import train
from tests.builders.training import examples, recipe

arithmetic.settle_torch()
digest = hashlib.sha256()
# the larger networks briefly: emulated, they take minutes; resnet56 is made of resnet32's layers, and the very deep
# ones would take hours
left_out = ("torchvision", "lenet5", "resnet56", "resnet18", "resnet34", "plain34", "resnet50")
others = [(name, "baseline", 8, 2) for name in catalogue.names(networks) if name not in left_out]
for name, method, batch, iterations in [
    *(("lenet5", method, 64, 3) for method in ("baseline", "smote", "pseudo_features")), *others
]:
    network = networks.build(name, (1, 28, 28), 3)
    networks.initialize(name, network, np.random.default_rng(0))
    training, validation, test = (examples(seed, side=28) for seed in (1, 2, 3))
    block = parse({"method": method, "start": "baseline"})
    train(Job(network, block, recipe(batch=batch), iterations, training, validation, test, np.random.default_rng(4)))
    for tensor in network.state_dict().values():
        digest.update(tensor.numpy().tobytes())
    logits = in_batches(network, test.inputs).numpy()
    minority = np.array([False, False, True])
    for value in (ranking_measures(class_rankings(logits, test.labels.numpy()), minority) | decision_measures(logits, test.labels.numpy(), minority)).values():
        digest.update(np.float64(value).tobytes())
whitening = GcnZca(name="gcn_zca").layer((1, 28, 28))
images = examples(5, (200, 100, 8), side=28).tensor
whitening.fit(images.numpy())
digest.update(whitening(images).contiguous().numpy().tobytes())
x = np.random.default_rng(0).uniform(0.1, 9, 1000)
for function in (np.exp, np.log, np.sqrt, lambda x: x**0.3, np.sum, np.std):
    digest.update(np.asarray(function(x)).tobytes())
# Not as tables: pandas sorts, and QEMU 7.2 gets NumPy's argsort for AVX2 wrong, which no processor does.
for values in np.random.default_rng(1).uniform(-0.5, 1, (10, 6)):
    interval = _interval(values, scale=1, limits=(-1, 1))
    for value in (*(interval[name] for name in ("mean", "std", "low", "high")), _paired_p(values, scale=1)):
        digest.update(np.float64(value).tobytes())
print(digest.hexdigest())
"""


@cache
def digest(processor: str | None) -> str:
    """What the program prints on a processor, or on this one."""
    emulator = ["qemu-x86_64", "-cpu", processor] if processor else []
    # An emulated interpreter does not find the virtual environment that it belongs to.
    path = os.pathsep.join([os.getcwd(), sysconfig.get_path("purelib")])
    done = subprocess.run(
        [*emulator, str(Path(sys.executable).resolve()), "-W", "ignore", "-c", PROGRAM],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.slow
def test_the_program_runs_on_this_processor() -> None:
    assert len(digest(None)) == 64


@pytest.mark.emulated
@pytest.mark.parametrize("processor", ["Haswell", "Skylake-Client", "EPYC", "EPYC-Rome"])
def test_the_same_bytes(processor: str) -> None:
    assert shutil.which("qemu-x86_64"), "install qemu-user"
    assert digest(processor) == digest(None)
