"""Reports in JSON of any shape: a list somewhere, and in each entry a place for each part. Lines of JSON, too."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from pim.base.errors import InvalidInput, Violation, known, shown
from pim.delivery.feedback.formats.amazon import as_json
from pim.delivery.feedback.formats.wording import severity_of, text_of
from pim.delivery.feedback.model import ReportedIssue
from pim.exports.feedback import Feedback


def read_documents(content: bytes, feedback: Feedback) -> list[ReportedIssue]:
    """An entry that names no item concerns the whole feed; one without message is told by its code."""
    return [_issue(at, entry, feedback) for at, entry in enumerate(_entries(content, feedback), 1)]


def _entries(content: bytes, feedback: Feedback) -> Iterator[Mapping[str, Any]]:
    for at, entry in enumerate(_listed(content, feedback), 1):
        if not isinstance(entry, dict):
            raise InvalidInput([Violation("report", "wrong_type", f"entry {at} is {shown(entry)}, not an object")])
        yield entry


def _listed(content: bytes, feedback: Feedback) -> list[Any]:
    document = _lines(content) if feedback.list is None else None
    if document is not None:
        return document
    found = as_json(content)
    for step in (feedback.list or "").split(".") if feedback.list else ():
        if not isinstance(found, dict) or step not in found:
            there = known(found) if isinstance(found, dict) else "it is no object"
            message = f"the report has no `{feedback.list}`: there is no `{step}`; {there}"
            raise InvalidInput([Violation("feedback.list", "missing", message)])
        found = found[step]
    if not isinstance(found, list):
        message = f"`{feedback.list or 'the report'}` is {shown(found)}, not a list; name the list with `feedback.list`"
        raise InvalidInput([Violation("feedback.list", "wrong_type", message)])
    return found


def _lines(content: bytes) -> list[Any] | None:
    """None for one document over several lines, or one list, or what has no lines at all."""
    lines = [line for line in text_of(content).splitlines() if line.strip()]
    if not lines or not all(line.lstrip().startswith("{") and line.rstrip().endswith("}") for line in lines):
        return None
    try:
        return [msgspec.json.decode(line) for line in lines]
    except msgspec.DecodeError:
        return None


def _issue(at: int, entry: Mapping[str, Any], feedback: Feedback) -> ReportedIssue:
    said = {part: _at(entry, path) for part, path in feedback.columns.items()}
    message = said.pop("message", None) or said.get("code") or f"entry {at} gives no reason"
    severity = severity_of(said.pop("severity", None), feedback, f"entry {at}")
    item = said.pop("item", None) or ""
    return ReportedIssue(item=item, message=message, severity=severity, **said)


def _at(entry: Any, path: str) -> str | None:
    for step in path.split("."):
        if isinstance(entry, list):
            entry = entry[int(step)] if step.isdigit() and int(step) < len(entry) else None
        else:
            entry = entry.get(step) if isinstance(entry, dict) else None
    if entry is None or entry == "":
        return None
    return entry if isinstance(entry, str) else msgspec.json.encode(entry).decode()
