"""Background work: which kinds of jobs there are, and what is swept. Wires rooms together, decides nothing."""

from pim.base.clock import now
from pim.base.installation import Installation
from pim.base.jobs import JobKinds
from pim.base.jobs.sweep import KEPT, sweep_jobs
from pim.intake.import_job import IMPORT, import_job
from pim.intake.uploads import sweep_uploads
from pim.syndication.export_job import RUN_EXPORTS, run_exports_job
from pim.versioning.catch_up_job import CATCH_UP, catch_up_job

JOBS: JobKinds = {
    CATCH_UP: catch_up_job,
    IMPORT: import_job,
    RUN_EXPORTS: run_exports_job,
}


def sweep(installation: Installation) -> None:
    """Every hour, by one worker: what is kept for a while and then no longer."""
    at = now()
    with installation.database.session() as session:
        sweep_jobs(session, at)
    sweep_uploads(installation.storage, at - KEPT)
