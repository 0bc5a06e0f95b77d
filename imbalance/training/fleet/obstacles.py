"""The reasons why networks cannot be trained as a fleet."""

from imbalance.data.files import ImageFiles
from imbalance.methods.baseline import Baseline
from imbalance.networks.parts.stacking import NotStackableError, stack
from imbalance.training import devices
from imbalance.training.jobs import Job


def obstacle(job: Job) -> str | None:
    """Return the reason why networks like the job's cannot form a fleet, or None; the job is used up."""
    if devices.is_team():
        return "several processes share each network"
    if job.method.asks_the_network or type(job.method).refresh is not Baseline.refresh:
        return "the method asks the network during the training"
    if isinstance(job.training.inputs, ImageFiles):
        return "the images stay files"
    try:
        stack([job.network.features])
        stack([job.method.head(job.network.classifier, job.rng)])
    except NotStackableError as error:
        return str(error).removesuffix(".")
    return None
