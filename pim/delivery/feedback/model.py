"""A report as it is read, whatever its format; and what an issue of one is until their report is clean."""

import msgspec

ERROR, WARNING, INFO = "error", "warning", "info"
SEVERITIES = (ERROR, WARNING, INFO)

REJECTED, MENDED, CLEARED = "rejected", "mended", "cleared"
STATES = (REJECTED, MENDED, CLEARED)
"""Open, and we still say the same; open, and we say something else now, so the item is due again; theirs is clean."""


class ReportedIssue(msgspec.Struct, frozen=True, kw_only=True):
    """In their words. `item` is empty for what concerns the whole feed."""

    item: str
    message: str
    severity: str = ERROR
    field: str | None = None
    code: str | None = None
    value: str | None = None
    locale: str | None = None
