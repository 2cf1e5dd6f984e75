"""What differs between two publications of a feed, from their indexes alone: where the digests of an item are the same,
its bytes are. Segments that name the same items are passed over."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pim.syndication.published_items import Seen
from pim.syndication.segments import SegmentRecord


class ItemChange(NamedTuple):
    """`before` is None for an item that came, `after` for one that went; `is_rejected` when the item schema keeps it
    out. An item that another root took over comes in one place and goes in another."""

    id: str
    root_key: str
    before: Seen | None
    after: Seen | None
    is_rejected: bool = False

    @property
    def place(self) -> tuple[str, str]:
        """Changes come in the order of their places, which never depends on what else has changed."""
        return self.root_key, self.id


def changed_items(before: Iterable[SegmentRecord], after: Iterable[SegmentRecord]) -> Iterator[ItemChange]:
    for olds, news in _runs(before, after):
        if not _are_same(olds, news):
            yield from _changes(olds, news)


def newly_rejected(before: Iterable[SegmentRecord], after: Iterable[SegmentRecord]) -> Iterator[str]:
    """Ids of items that only `after` names as rejected."""
    for olds, news in _runs(before, after):
        known = {one.id for record in olds for one in record.rejected}
        yield from (one.id for record in news for one in record.rejected if one.id not in known)


def moved_items(changes: Iterable[ItemChange]) -> Mapping[str, Seen]:
    """Where items stood that came in one place and went in another."""
    gone: dict[str, Seen] = {}
    came: set[str] = set()
    for change in changes:
        if change.before is None:
            came.add(change.id)
        elif change.after is None:
            gone[change.id] = change.before
    return {item: gone[item] for item in came & gone.keys()}


def settled(changes: Iterable[ItemChange], moved: Mapping[str, Seen]) -> Iterator[ItemChange]:
    """Each item once: what has moved is told where it is now, and only if it says something else."""
    for change in changes:
        if change.id not in moved:
            yield change
        elif change.after is not None and change.after.item.digest != moved[change.id].item.digest:
            yield change._replace(before=moved[change.id])


def _runs(
    before: Iterable[SegmentRecord], after: Iterable[SegmentRecord]
) -> Iterator[tuple[list[SegmentRecord], list[SegmentRecord]]]:
    """As few segments of each at a time as cover the same roots. Without any before, all are new."""
    olds, news = iter(before), iter(after)
    old = next(olds, None)
    if old is None:
        yield from (([], [new]) for new in news)
    while old is not None and (new := next(news, None)) is not None:
        of_old, of_new = [old], [new]
        while of_old[-1].until != of_new[-1].until:
            behind, more = (of_old, olds) if _ends_before(of_old[-1], of_new[-1]) else (of_new, news)
            following = next(more, None)
            if following is None:
                break
            behind.append(following)
        yield of_old, of_new
        old = next(olds, None)


def _ends_before(one: SegmentRecord, other: SegmentRecord) -> bool:
    return other.until is None or (one.until is not None and one.until < other.until)


def _are_same(olds: list[SegmentRecord], news: list[SegmentRecord]) -> bool:
    return [bytes(one.item_lines) for one in olds] == [bytes(one.item_lines) for one in news]


def _changes(olds: list[SegmentRecord], news: list[SegmentRecord]) -> Iterator[ItemChange]:
    old, new = _items(olds), _items(news)
    rejected = {one.id for record in news for one in record.rejected}
    changes = [
        ItemChange(item, seen.item.root_key, old.get(item), seen)
        for item, seen in new.items()
        if item not in old or old[item].item.digest != seen.item.digest
    ]
    changes += [
        ItemChange(item, seen.item.root_key, seen, None, item in rejected)
        for item, seen in old.items()
        if item not in new
    ]
    yield from sorted(changes, key=lambda change: change.place)


def _items(records: list[SegmentRecord]) -> dict[str, Seen]:
    return {item.id: Seen(record, item) for record in records for item in record.items}
