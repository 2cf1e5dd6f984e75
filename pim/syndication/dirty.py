"""Which roots an export has to render anew to bring an earlier publication to the revision of the run.

Dirty are: roots of which anything changed, then and now; roots that mention a product that came, went or got another
name; holders of an option and products below a category whose labels changed; items that change by themselves and
whose instant has come. Every other change of structure means everything: an attribute, a family, a channel, a unit, a
category that moves may show in any item.
"""

from collections.abc import Sequence
from datetime import datetime

from pim.syndication.earlier import EarlierSequence
from pim.versioning.changed_roots import (
    StructureChange,
    changed_roots,
    changed_structure,
    roots_in_categories,
    roots_with_options,
)
from pim.versioning.model import CREATED
from pim.versioning.snapshot import Snapshot

MOST_CHANGED = 100_000
"""Changed entities beyond which everything is rendered: memory stays flat, and so many segments are dirty anyway."""

_LABELS = "labels."


def dirty_roots(snapshot: Snapshot, since: int, report: EarlierSequence) -> list[str] | None:
    """Keys in order, of roots then and now; None for all. `since` is the revision of the publication that `report` (its
    index of outcomes) belongs to."""
    by_structure = _touched_by_structure(snapshot, changed_structure(snapshot, since))
    if by_structure is None:
        return None
    changed = changed_roots(snapshot, since, MOST_CHANGED)
    if changed is None:
        return None
    found = changed | by_structure | _whose_time_has_come(report, snapshot.committed_at)
    return sorted(found) if len(found) <= MOST_CHANGED else None


def _touched_by_structure(snapshot: Snapshot, changes: Sequence[StructureChange]) -> set[str] | None:
    options: dict[str, set[str]] = {}
    categories: set[str] = set()
    for change in changes:
        if change.key is None or not (change.path == CREATED or change.path.startswith(_LABELS)):
            return None
        kind, owner, code = change.key
        if kind == "attribute_option":
            options.setdefault(owner, set()).add(code)
        elif kind == "category":
            categories.add(code)
        else:
            return None
    found = roots_in_categories(snapshot, categories) if categories else set()
    for attribute, codes in options.items():
        found |= roots_with_options(snapshot, attribute, codes)
    return found


def _whose_time_has_come(report: EarlierSequence, now: datetime) -> set[str]:
    found: set[str] = set()
    for record in report.records():
        if _has_come(record.next_change_at, now):
            found.update(item.root_key for item in record.items if _has_come(item.next_change_at, now))
    return found


def _has_come(instant: str | None, now: datetime) -> bool:
    return instant is not None and datetime.fromisoformat(instant) <= now
