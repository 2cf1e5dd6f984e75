"""What an import tells when it is over: a file of everything left out, and a summary beside it for people."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from sqlmodel import Session

from pim.intake.model import OUTCOMES, ImportSummary, Rejection
from pim.intake.store import rejections_of

FIRST_REJECTIONS = 20
"""As many are shown to whoever started the import; the others are in the file."""

FIRST_CHANGES = 100
"""As many documents a dry run shows; a report has them all."""

_LONGEST_VALUE = 60
_encode = msgspec.json.encode


def write_files(session: Session, summary: ImportSummary, home: Path) -> None:
    """`rejected.ndjson`, one reason a line, and `summary.txt` under `home`/imports/<id>; the summary learns where."""
    folder = home / "imports" / str(summary.import_id)
    folder.mkdir(parents=True, exist_ok=True)
    rejected = folder / "rejected.ndjson"
    with _replacing(rejected).open("wb") as file:
        for rejection in rejections_of(session, summary.import_id or 0):
            file.write(_encode(rejection.as_document()) + b"\n")
    os.replace(_replacing(rejected), rejected)
    summary.rejected_file, summary.summary_file = str(rejected), str(folder / "summary.txt")
    (folder / "summary.txt").write_text("\n".join(summary_lines(summary)) + "\n", "utf-8")


def _replacing(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def summary_lines(summary: ImportSummary) -> Iterator[str]:
    """For people: what was done, what was left out and why."""
    yield f"{_title(summary)} of {summary.path} ({summary.format})"
    yield ""
    yield f"{'':24}" + "".join(f"{outcome:>11}" for outcome in OUTCOMES)
    for resource, counts in summary.counts.items():
        yield f"{resource:24}" + "".join(f"{counts.get(outcome, 0):>11,}" for outcome in OUTCOMES)
    yield f"{'all':24}" + "".join(f"{summary.total(outcome):>11,}" for outcome in OUTCOMES)
    yield ""
    yield _revisions(summary)
    if summary.changed_attributes:
        yield ""
        yield "Documents that would change, by attribute:"
        found = sorted(summary.changed_attributes.items(), key=lambda item: (-item[1], item[0]))
        yield from (f"  {name:40}{number:>8,}" for name, number in found)
    if summary.warnings:
        yield ""
        yield "Warnings:"
        yield from (f"  {number:,} lines: {message}" for message, number in sorted(summary.warnings.items()))
    if summary.first_rejections:
        yield ""
        yield "Left out:"
        yield from (f"  {rejection_line(rejection)}" for rejection in summary.first_rejections)
        if summary.rejected_file:
            yield f"All that was left out, with the reasons: {summary.rejected_file}"


def _title(summary: ImportSummary) -> str:
    if summary.dry_run:
        return "Dry run of an import"
    return f"Import {summary.import_id}" + (", resumed," if summary.resumed else "")


def _revisions(summary: ImportSummary) -> str:
    if summary.dry_run:
        return "Nothing was written."
    if not summary.revisions:
        return "Nothing changed: no new revision."
    first, last = summary.revisions[0], summary.revisions[-1]
    return f"Revision {first}." if first == last else f"Revisions {first} to {last}."


def rejection_line(rejection: Rejection) -> str:
    """`products.csv:12 SKU-1 color `purple`: option `purple` does not exist; known: …`"""
    place = " ".join(filter(None, (f"{rejection.file}:{rejection.line}", rejection.subject, rejection.column)))
    value = f" {shortened(rejection.value)}" if rejection.value not in (None, "") else ""
    return f"{place}{value}: {rejection.message}"


def shortened(value: Any) -> str:
    """A value as it fits into a line."""
    text = value if isinstance(value, str) else _encode(value).decode()
    text = text.replace("\n", "⏎")
    return f"`{text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + '…'}`"
