"""Reports in CSV: Google's item issues, Mirakl's error reports, and those whose columns a definition names."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from pim.base.errors import InvalidInput, Violation, known
from pim.delivery.feedback.formats.wording import severity_of, text_of
from pim.delivery.feedback.model import ERROR, WARNING, ReportedIssue
from pim.exports.feedback import Feedback

Line = tuple[int, dict[str, str]]
"""Its number in the file, and its cells by the header in lower case."""

GOOGLE: Mapping[str, Sequence[str]] = {
    "item": ("item id", "offer id", "product id", "id"),
    "message": ("issue title", "issue", "issue name", "description", "title of issue"),
    "detail": ("issue detail", "detail", "details", "issue description", "resolution"),
    "severity": ("issue severity", "severity", "servability", "impact", "status"),
    "field": ("attribute name", "attribute", "attributes", "affected attribute", "issue attribute"),
    "value": ("attribute value", "value", "example value", "current value"),
    "code": ("issue code", "issue type", "code"),
    "locale": ("language", "locale", "feed label"),
}
"""Columns of the item issues that Merchant Center lets one download; its names differ between its versions."""

MIRAKL_ITEMS: tuple[str, ...] = ("shop_sku", "shop-sku", "sku", "offer-sku", "offer_sku", "provider-unique-identifier")
MIRAKL_ERRORS: tuple[str, ...] = ("errors", "error-message", "error_message", "error")
MIRAKL_WARNINGS: tuple[str, ...] = ("warnings", "warning-message", "warning_message", "warning")
_MIRAKL_ISSUE = re.compile(r"(?:^|[,;\n])\s*(?=[A-Za-z]*-?\d+\s*\|)")


def read_sheet(content: bytes, feedback: Feedback) -> list[ReportedIssue]:
    """By the columns that the definition names."""
    columns = {part: (header,) for part, header in feedback.columns.items()}
    return list(_issues(content, feedback, columns, required=("item", "message")))


def read_google(content: bytes, feedback: Feedback) -> list[ReportedIssue]:
    columns = {**GOOGLE, **{part: (header,) for part, header in feedback.columns.items()}}
    return list(_issues(content, feedback, columns, required=("item", "message")))


def read_mirakl(content: bytes, feedback: Feedback) -> list[ReportedIssue]:
    """P44, P47 and OF03: the lines that were sent, with what was wrong behind them as `code|message, code|message`."""
    header, lines = _opened(content, feedback)
    _require(header, "the product", MIRAKL_ITEMS)
    _require(header, "what is wrong", MIRAKL_ERRORS + MIRAKL_WARNINGS)
    return [issue for at, line in lines for issue in _mirakl_issues(at, line)]


def _mirakl_issues(at: int, line: Mapping[str, str]) -> Iterator[ReportedIssue]:
    for severity, names in ((ERROR, MIRAKL_ERRORS), (WARNING, MIRAKL_WARNINGS)):
        for written in filter(str.strip, _MIRAKL_ISSUE.split(_cell(line, names) or "")):
            code, divided, message = written.strip().rstrip(",;").partition("|")
            yield ReportedIssue(
                item=_cell(line, MIRAKL_ITEMS) or "",
                severity=severity,
                code=code.strip() if divided else None,
                message=(message if divided else code).strip() or f"line {at} gives no reason",
            )


def _issues(
    content: bytes, feedback: Feedback, columns: Mapping[str, Sequence[str]], required: Sequence[str]
) -> Iterator[ReportedIssue]:
    header, lines = _opened(content, feedback)
    for part in required:
        _require(header, f"the {part}", columns[part])
    for at, line in lines:
        said = {part: _cell(line, names) for part, names in columns.items()}
        detail, message = said.pop("detail", None), said.pop("message", None)
        told = ": ".join(filter(None, (message, detail))) or said.get("code") or f"line {at} gives no reason"
        severity = severity_of(said.pop("severity", None), feedback, f"line {at}")
        yield ReportedIssue(item=said.pop("item", None) or "", message=told, severity=severity, **said)


def _opened(content: bytes, feedback: Feedback) -> tuple[list[str], Iterator[Line]]:
    """The header and the lines below it. Raises InvalidInput for a report without a header."""
    text = text_of(content)
    if not text.strip():
        raise InvalidInput([Violation("report", "empty", "the report is empty; it has not even a header")])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=feedback.delimiter or _delimiter(text))
    header = [name.strip().lower() for name in next(reader)]
    lines = (
        (reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=False)))
        for cells in reader
        if any(cell.strip() for cell in cells)
    )
    return header, lines


def _require(header: Sequence[str], what: str, columns: Sequence[str]) -> None:
    """Also of a report without lines: what is none of theirs must not pass for a clean one."""
    if not any(name.lower() in header for name in columns):
        message = f"the report has no column for {what}: {', '.join(columns)}; {known(header, 30)}"
        raise InvalidInput([Violation("report", "missing_column", message)])


def _delimiter(text: str) -> str:
    """The one that the header has most of."""
    header = text.partition("\n")[0]
    return max((",", ";", "\t", "|"), key=header.count)


def _cell(line: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((cell for name in names if (cell := line.get(name.lower()))), None)
