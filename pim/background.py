"""Background work: which kinds of jobs there are, and what is swept. Wires rooms together, decides nothing."""

from collections.abc import Sequence

from sqlmodel import Session

from pim.api.exports_in_need import exports_in_need
from pim.base.clock import now
from pim.base.installation import Installation
from pim.base.jobs import JobKinds
from pim.base.jobs.sweep import KEPT, sweep_jobs
from pim.base.settings import Settings
from pim.delivery.changes import forget_changes
from pim.delivery.feedback.poll_job import POLL_FEEDBACK, ask_for_polling, poll_feedback_job
from pim.delivery.jobs import DELIVERIES_KEPT, deliver_job, follow_publications_job, rescue_deliveries
from pim.delivery.schedules.run_due_job import run_due_exports_job
from pim.delivery.schedules.store import sweep_due_runs
from pim.delivery.schedules.tick import RUN_DUE
from pim.delivery.schedules.tick import tick as find_due_runs
from pim.delivery.store import DELIVER, sweep_deliveries
from pim.delivery.webhooks.send import send_webhook_job
from pim.delivery.webhooks.store import SEND_WEBHOOK, sweep_messages
from pim.intake.import_job import IMPORT, import_job
from pim.intake.uploads import sweep_uploads
from pim.syndication.events import FOLLOW_PUBLICATIONS, sweep_events
from pim.syndication.export_job import RUN_EXPORTS, defer_export_run, run_exports_job
from pim.syndication.help_job import render_ranges_job
from pim.syndication.help_wanted import RENDER_RANGES
from pim.versioning.catch_up_job import CATCH_UP, catch_up_job
from pim.versioning.drafts.schedule import APPLY_DRAFT, END_DRAFT
from pim.versioning.drafts.timed_jobs import apply_draft_job, end_draft_job
from pim.versioning.link_products import LINK_PRODUCTS
from pim.versioning.link_products_job import link_products_job
from pim.versioning.model import UsedElsewhere
from pim.versioning.store import current_structure


def _needed_by_exports(session: Session, settings: Settings) -> UsedElsewhere:
    return exports_in_need(settings.exports_folder, current_structure(session))


def _run_exports(session: Session, names: Sequence[str], by: str) -> int:
    return defer_export_run(session, names, by=by)


JOBS: JobKinds = {
    APPLY_DRAFT: apply_draft_job(_needed_by_exports, _run_exports),
    CATCH_UP: catch_up_job,
    END_DRAFT: end_draft_job(_needed_by_exports, _run_exports),
    DELIVER: deliver_job,
    FOLLOW_PUBLICATIONS: follow_publications_job,
    IMPORT: import_job,
    LINK_PRODUCTS: link_products_job,
    POLL_FEEDBACK: poll_feedback_job,
    RENDER_RANGES: render_ranges_job,
    RUN_DUE: run_due_exports_job,
    RUN_EXPORTS: run_exports_job,
    SEND_WEBHOOK: send_webhook_job,
}


def sweep(installation: Installation) -> None:
    """Every hour, by one worker: what is kept for a while and then no longer."""
    at = now()
    with installation.database.session() as session:
        rescue_deliveries(session)
        sweep_deliveries(session, at - DELIVERIES_KEPT)
        sweep_jobs(session, at)
        sweep_events(session, at - KEPT)
        sweep_due_runs(session, at)
        forget_changes(installation, session, at - KEPT)
        sweep_messages(session, at - KEPT)
    sweep_uploads(installation.storage, at - KEPT)


def tick(installation: Installation) -> None:
    """Every few seconds, by every worker: what it is time for."""
    find_due_runs(installation)
    ask_for_polling(installation)
