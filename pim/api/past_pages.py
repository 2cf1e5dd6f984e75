"""Pages of products and product models as they were. What they said then is in no index, so they are searched by name
only, and by what the reader's limits and channel say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from sqlmodel import Session

from pim.access.model import User
from pim.access.permissions import visible_categories
from pim.api.paging import Asked
from pim.api.past import hidden_now
from pim.api.product_pages import after_id, search_in
from pim.api.query_pages import Found, found
from pim.base.errors import InvalidInput, Violation
from pim.catalog.filters import Search
from pim.catalog.model import Channel, Entity, Resolved
from pim.catalog.structure import Structure
from pim.versioning.as_of import all_as_of, count_as_of, entities_as_of, resolved_as_of

_BY_NAME = {("identifier", "="), ("identifier", "IN"), ("uuid", "IN")}


@dataclass(frozen=True, slots=True)
class PastSight:
    """Who reads, by the structure of then; and the channel whose products they want, if any."""

    user: User
    structure: Structure
    channel: Channel | None

    @property
    def is_everything(self) -> bool:
        return self.channel is None and visible_categories(self.user, self.structure) is None

    def shows(self, one: Resolved) -> bool:
        held = one.document["categories"]
        seen = visible_categories(self.user, self.structure)
        if seen is not None and held and seen.isdisjoint(held):
            return False
        trees = {self.structure.tree_of.get(code) for code in held}
        return self.channel is None or self.channel.category_tree in trees


def find_past_page(
    session: Session, kind: str, asked: Asked, parameters: Mapping[str, str], sight: PastSight, revision: int
) -> Found[Resolved]:
    """Raises InvalidInput for what cannot be asked of the past."""
    search = search_in(parameters.get("search"), parameters, sight.structure, kind)
    _check_by_name(search)
    if asked.with_count and not (search.filters or sight.is_everything):
        message = "What you see of one channel or within your limits is not counted as of a revision; leave it out"
        raise InvalidInput([Violation("with_count", "not_with_as_of", message)])
    everything = _shown(session, search, sight, revision, 0 if search.filters else after_id(asked) or 0)
    if search.filters:
        rows = list(everything)
        count = len(rows) if asked.with_count else None
        everything = (one for one in rows if one.entity.id > (after_id(asked) or 0))
    else:
        count = count_as_of(session, kind, revision) if asked.with_count else None
    start = (asked.page - 1) * asked.limit if asked.page is not None else 0
    return found(list(islice(everything, start, start + asked.limit + 1)), asked, count)


def _check_by_name(search: Search) -> None:
    problems = [
        Violation(
            f"search.{one.property}", "not_with_as_of",
            f"`{one.property}` {one.operator} cannot be asked as of a revision; search by identifier, code or uuid "
            "(=, IN), or without `as_of`",
        )
        for one in search.filters
        if (one.kind, one.operator) not in _BY_NAME
    ]  # fmt: skip
    if problems:
        raise InvalidInput(problems)


def _shown(session: Session, search: Search, sight: PastSight, revision: int, after: int) -> Iterator[Resolved]:
    found = [_named(session, search, revision)] if search.filters else all_as_of(session, search.kind, revision, after)
    for entities in found:
        hidden = hidden_now(session, sight.user, search.kind, [entity.id for entity in entities])
        there = [entity for entity in entities if entity.id not in hidden]
        yield from (one for one in resolved_as_of(session, there, revision) if sight.shows(one))


def _named(session: Session, search: Search, revision: int) -> list[Entity]:
    """What every condition names. A product without identifier goes by its uuid, which is no identifier."""
    named: list[dict[int, Entity]] = []
    for one in search.filters:
        names = one.value if one.operator == "IN" else (one.value,)
        asked = {"uuids": names} if one.kind == "uuid" else {"codes": names}
        there = entities_as_of(session, search.kind, revision, **asked)
        named.append({e.id: e for e in there if one.kind == "uuid" or e.code != str(e.uuid)})
    return [entity for one, entity in named[0].items() if all(one in others for others in named)]
