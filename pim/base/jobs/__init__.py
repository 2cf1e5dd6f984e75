"""Background work: jobs wait in the database, workers on any host take them.

Delivery (queue, locks, heartbeats, retries) is procrastinate's; what a person asks about a job is a row of ours.
"""

from pim.base.jobs.cancel import cancel_job
from pim.base.jobs.defer import defer_job
from pim.base.jobs.living import living_workers
from pim.base.jobs.model import LONG, OUTGOING, QUICK, JobKinds, PartlyFailed, Progress

__all__ = [
    "LONG",
    "OUTGOING",
    "QUICK",
    "JobKinds",
    "PartlyFailed",
    "Progress",
    "cancel_job",
    "defer_job",
    "living_workers",
]
