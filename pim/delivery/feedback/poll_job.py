"""Polling for reports as background work: asked for by whichever worker finds that it is time."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, text
from sqlmodel import Session, col

from pim.base.clock import Clock, now
from pim.base.installation import Installation
from pim.base.jobs import OUTGOING, PartlyFailed, Progress, defer_job
from pim.base.jobs.tables import JobRow
from pim.delivery.feedback.poll import poll_reports
from pim.delivery.schedules.definitions import any_polled

POLL_FEEDBACK = "poll_feedback"

EVERY = timedelta(minutes=5)

_LOCK = 7_461_031


def poll_feedback_job(installation: Installation, arguments: Mapping[str, Any], progress: Progress) -> Any:
    polled = poll_reports(installation)
    result = {"reports": [one.name for one in polled if one.name]}
    problems = "; ".join(f"{one.export} {one.name}: {one.problem}" for one in polled if one.problem)
    if problems:
        raise PartlyFailed(problems, result)
    return result


def ask_for_polling(installation: Installation, clock: Clock = now) -> None:
    """One job for all exports, EVERY so often, when there is one to poll for."""
    if not any_polled(installation.settings.exports_folder):
        return
    with installation.database.session() as session:
        taken = session.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}).scalar_one()
        if taken and _is_time(session, clock):
            defer_job(session, POLL_FEEDBACK, by="pim", queue=OUTGOING, queueing_lock=POLL_FEEDBACK, clock=clock)


def _is_time(session: Session, clock: Clock) -> bool:
    last = session.execute(select(func.max(col(JobRow.created))).where(col(JobRow.kind) == POLL_FEEDBACK)).scalar_one()
    return last is None or clock() - last >= EVERY
