"""Which pieces of structure a page shows. Structure is small and in memory, in byte order of codes."""

import sys

from pim.api.paging import Asked
from pim.catalog.filter_structure import Keeps
from pim.catalog.model import Entity
from pim.catalog.structure import Structure

EVERYTHING = Asked(limit=sys.maxsize, page=None, after=None, with_count=False, parameters=())


def find_structure(
    structure: Structure, kind: str, owner: str, asked: Asked, keeps: Keeps
) -> tuple[list[Entity], int | None, bool]:
    """The page of what `keeps` lets through, how many there are in all when asked, and whether more follow."""
    found = [entity for key, entity in structure.entities.items() if key[:2] == (kind, owner) and keeps(entity)]
    found.sort(key=lambda entity: entity.code.encode())
    count = len(found) if asked.with_count else None
    start = (asked.page - 1) * asked.limit if asked.page is not None else 0
    if asked.page is None and asked.after is not None:
        found = [entity for entity in found if entity.code.encode() > asked.after.encode()]
    end = start + asked.limit
    return found[start:end], count, end < len(found)
