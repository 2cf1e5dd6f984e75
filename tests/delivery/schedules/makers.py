"""Exports with schedules, and clocks that stand still."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from pim.background import JOBS
from pim.base.database import Database
from pim.base.installation import Installation
from pim.base.jobs import queue
from pim.base.jobs.tables import JobRow
from pim.base.settings import Settings
from pim.delivery.schedules.state import ScheduleState, schedule_state
from pim.delivery.schedules.tables import DueRunRow
from pim.delivery.schedules.tick import RUN_DUE, tick
from pim.intake import store as intake
from pim.syndication.tables import ExportRunRow
from tests.base.jobs.workers import attempt, fetched
from tests.makers import NOW, given
from tests.syndication.runs import a_hat, an_export, storage_of

MINUTE = timedelta(minutes=1)
FILES = [{"name": "{locale}.jsonl", "writer": "jsonl"}]


def here(database: Database, settings: Settings, *names: str, schedule: Any = "* * * * *") -> Installation:
    """An installation with these exports (default: shop), whose schedules are followed since NOW."""
    given(database, a_hat("A"))
    for name in names or ("shop",):
        settings = an_export(settings, name, schedule=schedule, files=FILES)
    installation = Installation(settings, database, storage_of(settings))
    tick(installation, lambda: NOW)
    return installation


def tick_at(installation: Installation, minutes: float) -> None:
    tick(installation, lambda: NOW + minutes * MINUTE)


def work(installation: Installation) -> int:
    """Does all jobs that wait; how many automatic runs were among them."""
    done = 0
    while (job_id := fetched(installation.database)) is not None:
        attempt(installation, JOBS, job_id)
        finish(installation.database, job_id)
        done += job_id in {job.id for job in jobs(installation.database)}
    return done


def finish(database: Database, job_id: int) -> None:
    """What the worker tells the queue behind the job's end."""
    with database.session() as session:
        queue.drop(session, job_id)


def jobs(database: Database) -> list[JobRow]:
    with database.session() as session:
        query = select(JobRow).where(col(JobRow.kind) == RUN_DUE).order_by(col(JobRow.id))
        return list(session.execute(query).scalars())


def due(database: Database) -> list[DueRunRow]:
    with database.session() as session:
        return list(session.execute(select(DueRunRow).order_by(col(DueRunRow.due_at))).scalars())


def runs(database: Database, state: str = "finished") -> list[ExportRunRow]:
    with database.session() as session:
        query = select(ExportRunRow).where(col(ExportRunRow.state) == state).order_by(col(ExportRunRow.id))
        return list(session.execute(query).scalars())


def state(installation: Installation, at: datetime = NOW, name: str = "shop") -> ScheduleState:
    with installation.database.session() as session:
        return schedule_state(session, installation.settings, name, at)


def an_open_import(session: Session, at: datetime = NOW) -> int:
    return intake.begin_import(session, "00" * 32, "/in/hats.csv", "sheet", "ann", at).id
