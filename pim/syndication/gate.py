"""Whether a new feed may replace the current one by itself."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from pim.exports.model import Gate


class Counted(Protocol):
    @property
    def items(self) -> int: ...
    @property
    def rejected(self) -> int: ...


def reason_to_hold(gate: Gate, feeds: Mapping[str, Counted], current: Mapping[str, Counted]) -> str | None:
    """Why a person should look first, or None.

    1. An export without any item never goes out by itself.
    2. A feed that has items now is never replaced by an empty one.
    3. Nor by one that lost more than the share `removed` of its items,
    4. or in which the share of rejected items grew by more than `rejected`.

    A first publication has nothing to be compared with.
    """
    if not any(feed.items for feed in feeds.values()):
        return "no item was accepted"
    reasons = [_reason(gate, name, feed, current[name]) for name, feed in feeds.items() if name in current]
    return "; ".join(reason for reason in reasons if reason) or None


def _reason(gate: Gate, name: str, feed: Counted, before: Counted) -> str:
    if before.items and not feed.items:
        return f"`{name}` would be empty; it has {before.items} items now"
    lost = (before.items - feed.items) / before.items if before.items else 0.0
    if lost > gate.removed:
        shrunk = f"from {before.items} to {feed.items} items ({lost:.0%}; the limit is {gate.removed:.0%})"
        return f"`{name}` would shrink {shrunk}"
    grown = _rejected_share(feed) - _rejected_share(before)
    if grown > gate.rejected:
        return (
            f"`{name}` would reject {feed.rejected} of {feed.items + feed.rejected} items "
            f"({grown:.0%} more than now; the limit is {gate.rejected:.0%})"
        )
    return ""


def _rejected_share(feed: Counted) -> float:
    tried = feed.items + feed.rejected
    return feed.rejected / tried if tried else 0.0


def empty_feeds(feeds: Mapping[str, Counted], current: Mapping[str, Counted]) -> Sequence[str]:
    """Feeds without items that had none before: they are left out rather than published empty."""
    return [name for name, feed in feeds.items() if not feed.items and not (name in current and current[name].items)]
