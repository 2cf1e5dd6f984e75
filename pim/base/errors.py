"""Every error this program raises on purpose, chosen by what the reader can do next.

PimError
  InvalidInput         the caller fixes it; carries every violation, not only the first
  Unreadable           the caller fixes it; the text is not of the format it should be, so nothing in it was looked at
  NotFound             the thing named is not there
    Gone               it was, and is held no longer: begin anew
  Conflict             somebody else's state is in the way (taken, in use, changed meanwhile)
  NotPermitted
  ItemRejected         this item is left out with its violations; the export run goes on
  DeliveryError
    TemporaryFailure   try again later; may carry retry_after
    PermanentFailure   stop, show it to a person
  ConfigurationError   refuse to start

Messages name the thing, the value and the way out. Errors carry no HTTP status. Bugs stay ordinary exceptions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule broken by one part of a document.

    `path` is dotted and names the property as the writer knows it (`values.name`, `labels.fr_FR`, `axes`);
    `code` is the rule's stable name (`unknown_attribute`); a value's violation says which value it was. `subject` is
    what it is about (`product/LIV-CAR`) where one answer speaks of several.
    """

    path: str
    code: str
    message: str
    attribute: str | None = None
    locale: str | None = None
    scope: str | None = None
    subject: str | None = None


class PimError(Exception):
    """Base of all errors that a person is meant to read."""


class InvalidInput(PimError):
    """The caller can fix it. Carries every violation found, in the order of the document."""

    def __init__(self, violations: Sequence[Violation], subject: str = "") -> None:
        self.violations = list(violations)
        self.subject = subject
        super().__init__(_summary(subject, self.violations))


class Unreadable(PimError):
    pass


class NotFound(PimError):
    pass


class Gone(NotFound):
    """`code` is for programs that begin anew by themselves."""

    def __init__(self, message: str, code: str | None = None) -> None:
        self.code = code
        super().__init__(message)


class Conflict(PimError):
    """`violations` name every place where others are in the way, when there are such places."""

    def __init__(self, message: str, violations: Sequence[Violation] = ()) -> None:
        self.violations = list(violations)
        super().__init__(message)


class NotPermitted(PimError):
    pass


class ItemRejected(PimError):
    """One item of one feed is left out; `violations` say which field, rule and value."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = list(violations)
        super().__init__(_summary("", self.violations))


class DeliveryError(PimError):
    pass


class TemporaryFailure(DeliveryError):
    """Worth another try. `retry_after` is in seconds, when the other side said so."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class PermanentFailure(DeliveryError):
    pass


class ConfigurationError(PimError):
    pass


def known(names: Iterable[str], limit: int = 12) -> str:
    """`known: a, b, c` for the end of a message about a name that is not there."""
    ordered = sorted(names)
    listed = ", ".join(ordered[:limit]) or "none"
    more = len(ordered) - limit
    return f"known: {listed}" + (f" and {more} more" if more > 0 else "")


def shown(value: Any) -> str:
    """A value as a message shows it, however large it is."""
    try:
        text = f"`{value}`" if isinstance(value, str) else repr(value)
    except ValueError:
        text = "a number of more digits than Python writes"
    return text if len(text) <= 80 else text[:77] + "…"


def _summary(subject: str, violations: Sequence[Violation]) -> str:
    texts = "; ".join(violation.message for violation in violations)
    return f"{subject}: {texts}" if subject else texts
