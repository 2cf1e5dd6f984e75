"""Codes that differ only in upper and lower case: the systems that write tables take them for one, we do not."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlmodel import Session, col

from pim.catalog.tables import ProductModelRow
from pim.intake.model import Record


def match_parents(session: Session, records: Sequence[Record]) -> list[str]:
    """Rows of tables that name a parent in another case than its own get the one there is. Returns what was done."""
    named: dict[str, list[Record]] = {}
    for record in records:
        parent = (record.edit.patch or {}).get("parent")
        if record.coverage is not None and parent:
            named.setdefault(parent, []).append(record)
    there = _codes(session, named)
    notes = []
    for parent, rows in named.items():
        others = there.get(parent.lower(), [])
        if len(others) == 1 and parent not in others:
            for record in rows:
                assert record.edit.patch is not None
                record.edit.patch["parent"] = others[0]
            notes += [f"parent `{parent}` was read as `{others[0]}`, which differs in case only"] * len(rows)
    return notes


def _codes(session: Session, parents: dict[str, list[Record]]) -> dict[str, list[str]]:
    """Lower-case code → product models, for the parents of which none has the very code."""
    code = col(ProductModelRow.code)
    exact = set(session.execute(select(code).where(code.in_(parents))).scalars()) if parents else set()
    unknown = {parent.lower() for parent in parents if parent not in exact}
    found: dict[str, list[str]] = {}
    if unknown:
        for match in session.execute(select(code).where(func.lower(code).in_(unknown))).scalars():
            found.setdefault(match.lower(), []).append(match)
    return found
