"""Three-way merge of one cell: what a draft or a revert wants, what it began from, and what the catalogue says now."""

from typing import Any

from pim.versioning.model import Cell

_SETS = ("categories", "groups", "attributes", "locales", "currencies")
_SETS_WITHIN = ("associations.", "attribute_requirements.")


class Disagreement(Exception):
    """Both sides changed the same thing differently."""


def merged(cell: Cell, base: Any, ours: Any, theirs: Any) -> Any:
    """What the cell shall hold. Raises Disagreement where only a person can tell.

    Members of a set come and go one by one, so that two who add different ones both have their way.
    """
    if theirs in (base, ours):
        return ours
    if is_set(cell):
        return _merged_sets(base or [], ours or [], theirs or [])
    raise Disagreement


def is_set(cell: Cell) -> bool:
    return cell.path in _SETS or cell.path.startswith(_SETS_WITHIN)


def _merged_sets(base: list[Any], ours: list[Any], theirs: list[Any]) -> list[Any]:
    kept = [one for one in theirs if one in ours or one not in base]
    return kept + [one for one in ours if one not in base and one not in theirs]
