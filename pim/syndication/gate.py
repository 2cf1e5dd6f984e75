"""Whether a new feed may replace the current one by itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pim.exports.model import Gate, PriceSwings
from pim.syndication.feed_difference import ItemChange, changed_items
from pim.syndication.published_items import PublishedFeed, Seen
from pim.syndication.sayings import amount_of, said_of

MOST_PRICES = 50_000
"""Changed items of a feed whose prices are looked at. Beyond, those stand for all."""


class Counted(Protocol):
    @property
    def items(self) -> int: ...
    @property
    def rejected(self) -> int: ...


@dataclass(frozen=True, slots=True)
class FeedDifference:
    """How many items came, went, and say something else; `swings` says of how many the price swings. What has moved to
    another root has neither come nor gone."""

    added: int
    removed: int
    changed: int
    swings: int


def feed_difference(before: PublishedFeed, after: PublishedFeed, prices: PriceSwings) -> FeedDifference:
    """Raises EarlierDamaged when one of them cannot be read."""
    came: set[str] = set()
    gone: set[str] = set()
    changed = looked_at = swings = 0
    for change in changed_items(before.records(), after.records()):
        if change.before is None:
            came.add(change.id)
        elif change.after is None:
            gone.add(change.id)
        else:
            changed += 1
            if "price" in after.file.says and looked_at < MOST_PRICES:
                looked_at += 1
                swings += _swings(change, before, after, prices.by)
    moved = len(came & gone)
    swings = swings * changed // looked_at if looked_at else 0
    return FeedDifference(len(came) - moved, len(gone) - moved, changed + moved, swings)


def reason_to_hold(
    gate: Gate,
    feeds: Mapping[str, Counted],
    current: Mapping[str, Counted],
    differences: Mapping[str, FeedDifference] | None = None,
) -> str | None:
    """Why a person should look first, or None.

    1. An export without any item never goes out by itself.
    2. A feed that has items now is never replaced by an empty one.
    3. Nor by one that lost more than the share `removed` of its items, by their number or item by item,
    4. or in which the share of rejected items grew by more than `rejected`,
    5. or more than the share `changed` of the items says something else,
    6. or more than the share `prices.of` of the prices moves by more than the share `prices.by`.

    A first publication has nothing to be compared with. 5 and 6 need `differences`, by feed.
    """
    if not any(feed.items for feed in feeds.values()):
        return "no item was accepted"
    reasons = [
        reason
        for name, feed in feeds.items()
        if name in current
        for reason in _reasons(gate, name, feed, current[name], (differences or {}).get(name))
    ]
    return "; ".join(reasons) or None


def _reasons(gate: Gate, name: str, feed: Counted, before: Counted, difference: FeedDifference | None) -> Iterator[str]:
    if before.items and not feed.items:
        yield f"`{name}` would be empty; it has {before.items} items now"
        return
    lost = before.items - feed.items
    if _share(lost, before) > gate.removed:
        shrunk = f"from {before.items} to {feed.items} items ({_limit(lost, before, gate.removed)})"
        yield f"`{name}` would shrink {shrunk}"
    elif difference and _share(difference.removed, before) > gate.removed:
        limit = _limit(difference.removed, before, gate.removed)
        yield f"`{name}` would lose {difference.removed} of {before.items} items ({limit})"
    grown = _rejected_share(feed) - _rejected_share(before)
    if grown > gate.rejected:
        yield (
            f"`{name}` would reject {feed.rejected} of {feed.items + feed.rejected} items "
            f"({grown:.0%} more than now; the limit is {gate.rejected:.0%})"
        )
    if difference:
        yield from _changes(gate, name, before, difference)


def _changes(gate: Gate, name: str, before: Counted, difference: FeedDifference) -> Iterator[str]:
    if _share(difference.changed, before) > gate.changed:
        limit = _limit(difference.changed, before, gate.changed)
        yield f"`{name}` would change {difference.changed} of {before.items} items ({limit})"
    if _share(difference.swings, before) > gate.prices.of:
        limit = _limit(difference.swings, before, gate.prices.of)
        moved = f"the price of {difference.swings} of {before.items} items by more than {gate.prices.by:.0%}"
        yield f"`{name}` would move {moved} ({limit})"


def _share(number: int, of: Counted) -> float:
    return number / of.items if of.items else 0.0


def _limit(number: int, of: Counted, limit: float) -> str:
    return f"{_share(number, of):.0%}; the limit is {limit:.0%}"


def _rejected_share(feed: Counted) -> float:
    tried = feed.items + feed.rejected
    return feed.rejected / tried if tried else 0.0


def _swings(change: ItemChange, before: PublishedFeed, after: PublishedFeed, by: float) -> bool:
    """Whether the price of any product in the item does."""
    old, new = _prices(before, change.before), _prices(after, change.after)
    return any(
        new[key] != price and (not price or abs(new[key] - price) / price > by)
        for key, price in old.items()
        if key in new
    )


def _prices(feed: PublishedFeed, seen: Seen | None) -> Mapping[tuple[str, str | None], float]:
    """By locale and product."""
    if seen is None:
        return {}
    found = {}
    fields = feed.fields(seen)
    for locale, of in feed.by_locale(fields):
        for code, said in said_of(feed.file, of, feed.currency_in(locale)):
            amount = amount_of(said["price"]) if "price" in said else None
            if amount is not None:
                found[locale, code] = float(amount)
    return found


def empty_feeds(feeds: Mapping[str, Counted], current: Mapping[str, Counted]) -> Sequence[str]:
    """Feeds without items that had none before: they are left out rather than published empty."""
    return [name for name, feed in feeds.items() if not feed.items and not (name in current and current[name].items)]
