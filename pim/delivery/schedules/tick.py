"""Finds what is due and asks for runs. Every worker does it again and again; one at a time, in one transaction each."""

import logging
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from pim.base.clock import Clock, now
from pim.base.installation import Installation
from pim.base.jobs import defer_job
from pim.delivery.schedules import store
from pim.delivery.schedules.definitions import Scheduled, scheduled_exports
from pim.delivery.schedules.tables import DueRunRow
from pim.exports.schedule import IMPORT, RELEASE, latest_slot
from pim.intake.store import open_imports
from pim.syndication.export_job import RUN_EXPORTS
from pim.versioning.store import head_revision

RUN_DUE = "run_due_exports"
BY = "schedule"
"""The author of automatic runs."""

_LOCK = 7_461_030

log = logging.getLogger("pim.schedules")


def tick(installation: Installation, clock: Clock = now) -> None:
    """1. Writes down what has fallen due since the last look: of a schedule's slots that passed, only the newest.
    2. Asks for one run of all exports that are due, unless an import is open: then they stay due.

    Whoever dies on the way has done nothing. Two at once do it once.
    """
    exports, problems = scheduled_exports(installation.settings.exports_folder)
    for problem in problems:
        log.warning("%s", problem)
    if not exports:
        return
    with installation.database.session() as session:
        if not session.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}).scalar_one():
            return
        at = clock()
        for export in exports.values():
            _write_down(session, export, at)
        if not open_imports(session):
            to_run = exports.keys() - store.paused_exports(session)
            _ask(session, (due for due in store.waiting(session) if due.export in to_run))


def _write_down(session: Session, export: Scheduled, at: datetime) -> None:
    """What falls due while an export is paused is passed over."""
    row, until = store.followed(session, export.name, at), head_revision(session)
    if row.paused_by is None:
        slot = latest_slot(export.schedule, export.zone, row.slots_until, at)
        if slot is not None:
            store.add_due(session, export.name, store.SLOT, slot.isoformat(), slot)
        if RELEASE in export.schedule.after and (revision := store.released(session, row.released_until, until)):
            store.add_due(session, export.name, store.RELEASE, str(revision), at)
        if IMPORT in export.schedule.after:
            for import_id, ended in store.ended_imports(session, max(row.imports_since, at - store.LOOK_BACK)):
                store.add_due(session, export.name, store.IMPORT, str(import_id), ended)
    row.slots_until, row.released_until = max(row.slots_until, at), until
    session.add(row)


def _ask(session: Session, waiting: Iterable[DueRunRow]) -> None:
    """A job that nobody has begun will see all there is now; for the rest one job, so that their feeds show the same
    revision."""
    due = list(waiting)
    if not due:
        return
    taken = {name: job.id for job in store.jobs_to_begin(session, RUN_DUE) for name in job.arguments["exports"]}
    names = sorted({row.export for row in due} - set(taken))
    if names:
        job_id = defer_job(session, RUN_DUE, {"exports": names}, by=BY, lock=RUN_EXPORTS)
        taken |= dict.fromkeys(names, job_id)
    for row in due:
        row.job_id = taken[row.export]
        session.add(row)
