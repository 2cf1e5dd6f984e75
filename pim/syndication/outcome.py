"""What one product or root gave, and what of it each file shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from pim.syndication.model import FieldViolation, Item


@dataclass(slots=True)
class Outcome:
    """What one product or root gave: its fields in the locales that accepted it, the reasons in those that did not."""

    key: str
    kind: str
    root_key: str
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    rejected: dict[str, list[FieldViolation]] = field(default_factory=dict)
    next_change_at: str | None = None

    @property
    def item_id(self) -> str:
        return f"{self.kind}/{self.key}"

    def changes_at(self, instant: datetime) -> None:
        """By itself, then or earlier."""
        written = instant.isoformat()
        self.next_change_at = min(self.next_change_at or written, written)


def shown_item(outcome: Outcome, locale: str | None, part: str | None) -> Item | None:
    """The item as a file of this locale shows it, None where it has nothing to show there."""
    fields: Mapping[str, Any] | None
    if locale is not None:
        fields = outcome.fields.get(locale)
        fields = fields.get(part) if fields and part else fields
    elif part:
        fields = {code: of[part] for code, of in outcome.fields.items() if of.get(part)}
    else:
        fields = outcome.fields
    return Item(outcome.key, outcome.kind, outcome.root_key, cast(dict[str, Any], fields)) if fields else None


def is_rejected(outcome: Outcome, locale: str | None) -> bool:
    """Whether the item schema keeps it out of a file; out of one that spans locales, when all of them do."""
    return locale in outcome.rejected if locale is not None else bool(outcome.rejected and not outcome.fields)
