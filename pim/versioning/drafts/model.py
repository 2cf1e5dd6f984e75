"""What states a draft goes through, and where it and the catalogue may disagree."""

from dataclasses import dataclass
from typing import Any, Literal

DRAFT, IN_REVIEW, APPROVED, SCHEDULED = "draft", "in_review", "approved", "scheduled"
APPLIED, REJECTED, CONFLICTED = "applied", "rejected", "conflicted"
ENDED, PARTLY_ENDED = "ended", "partly_ended"
STATES = (DRAFT, IN_REVIEW, APPROVED, SCHEDULED, APPLIED, REJECTED, CONFLICTED, ENDED, PARTLY_ENDED)

CAME_TRUE = (APPLIED, ENDED, PARTLY_ENDED)
"""Such drafts belong to the history: they are neither edited nor deleted."""

STEPS: dict[str, tuple[tuple[str, ...], str]] = {
    "submit": ((DRAFT, REJECTED, CONFLICTED), IN_REVIEW),
    "approve": ((IN_REVIEW,), APPROVED),
    "reject": ((IN_REVIEW, APPROVED, SCHEDULED, CONFLICTED), REJECTED),
}
"""Step → (from which states, to which)."""

Reason = Literal["changed", "deleted", "exists", "invalid"]

Side = Literal["draft", "catalogue"]
SIDES: tuple[Side, ...] = ("draft", "catalogue")


@dataclass(frozen=True, slots=True)
class MergeConflict:
    """An edit of a draft that cannot be applied by itself. `base` is what the draft began from, `ours` what it says and
    `theirs` what the catalogue says now.

    `reason`: both changed the value; what the draft edits is deleted; what it creates is there already; or the merged
    document breaks a rule, which `message` tells. `edit` is the number by which it is resolved.
    """

    edit: int
    kind: str
    owner: str
    code: str
    path: str
    attribute: str | None
    locale: str | None
    scope: str | None
    base: Any
    ours: Any
    theirs: Any
    reason: Reason
    message: str
