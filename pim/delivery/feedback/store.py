"""Reports and issues in the database."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlmodel import Session, col

from pim.delivery.feedback.tables import FeedbackIssueRow, FeedbackReportRow, PolledReportRow

_LOCK = 7_461_032


def one_at_a_time(session: Session, export: str) -> None:
    """Until the transaction ends, nobody else writes down a report on the export."""
    session.execute(text("SELECT pg_advisory_xact_lock(:lock, hashtext(:export))"), {"lock": _LOCK, "export": export})


def report_with(session: Session, export: str, number: int, digest: str) -> FeedbackReportRow | None:
    row = FeedbackReportRow
    query = select(row).where(col(row.export) == export, col(row.number) == number, col(row.digest) == digest)
    found: FeedbackReportRow | None = session.execute(query).scalar_one_or_none()
    return found


def reports(session: Session, export: str | None = None) -> Sequence[FeedbackReportRow]:
    """Newest first."""
    query = select(FeedbackReportRow).order_by(col(FeedbackReportRow.id).desc())
    if export is not None:
        query = query.where(col(FeedbackReportRow.export) == export)
    return session.execute(query).scalars().all()


def open_issues(session: Session, export: str, lock: bool = False) -> Sequence[FeedbackIssueRow]:
    """Those that no report has cleared, in the order in which they came."""
    query = select(FeedbackIssueRow).where(
        col(FeedbackIssueRow.export) == export, col(FeedbackIssueRow.cleared_by).is_(None)
    )
    query = query.order_by(col(FeedbackIssueRow.id))
    return session.execute(query.with_for_update() if lock else query).scalars().all()


def cleared_issues(session: Session, export: str) -> Sequence[FeedbackIssueRow]:
    """Newest first."""
    query = select(FeedbackIssueRow).where(
        col(FeedbackIssueRow.export) == export, col(FeedbackIssueRow.cleared_by).is_not(None)
    )
    return session.execute(query.order_by(col(FeedbackIssueRow.cleared_at).desc())).scalars().all()


def exports_with_feedback(session: Session) -> list[str]:
    query = select(col(FeedbackReportRow.export)).distinct().order_by(col(FeedbackReportRow.export))
    return list(session.execute(query).scalars())


def last_polled(session: Session, export: str, name: str) -> str | None:
    """The version that was fetched last."""
    found = session.get(PolledReportRow, (export, name))
    return found.version if found else None


def note_polled(session: Session, export: str, name: str, version: str, at: datetime, problem: str | None) -> None:
    row = PolledReportRow(export=export, name=name, version=version, polled_at=at, problem=problem)
    session.merge(row)
