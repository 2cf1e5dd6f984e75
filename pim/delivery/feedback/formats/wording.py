"""What reports have in common: text, severities, and names of fields inside messages."""

import re

from pim.base.errors import InvalidInput, Violation, shown
from pim.delivery.feedback.model import ERROR, INFO, SEVERITIES, WARNING
from pim.exports.feedback import Feedback

_USUAL = {
    "error": ERROR, "errors": ERROR, "critical": ERROR, "disapproved": ERROR, "rejected": ERROR, "invalid": ERROR,
    "not approved": ERROR, "fatal": ERROR,
    "warning": WARNING, "warnings": WARNING, "demoted": WARNING, "limited": WARNING, "pending": WARNING,
    "info": INFO, "information": INFO, "notice": INFO, "suggestion": INFO, "recommendation": INFO,
}  # fmt: skip
_QUOTED = re.compile(r"[\"'`\[{«“]{1,3}([A-Za-z_][\w.:-]{1,80})[\"'`\]}»”]{1,3}")


def text_of(content: bytes) -> str:
    """Raises InvalidInput for what is no UTF-8 (or UTF-16 with its mark)."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"the report is not UTF-8 (byte {error.start}); save it as UTF-8"
        raise InvalidInput([Violation("report", "encoding", message)]) from error


def severity_of(written: str | None, feedback: Feedback, where: str) -> str:
    """Nothing said is an error: it came back for a reason. Raises InvalidInput for a word nobody knows."""
    if not written:
        return ERROR
    found = feedback.severities.get(written) or _USUAL.get(written.strip().lower())
    if found is None:
        message = f"{where}: severity {shown(written)} is unknown; say in `feedback.severities` which of these it is"
        raise InvalidInput([Violation("severity", "unknown_severity", f"{message}: {', '.join(SEVERITIES)}")])
    return found


def names_within(message: str) -> list[str]:
    """`'[batteries_required]' is required` → batteries_required."""
    return _QUOTED.findall(message)
