"""Reports that came back, as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.markup import escape

from pim.terminal.shown import console, new_table, shortened

if TYPE_CHECKING:  # importing these costs more than most commands take
    from pim.delivery.feedback.poll import Polled
    from pim.delivery.feedback.state import FeedbackIssue
    from pim.delivery.feedback.tables import FeedbackReportRow
    from pim.delivery.feedback.take_report import Taken


def print_feedback(issues: Sequence[FeedbackIssue], more: int) -> None:
    """Where, which item, what to mend, and why."""
    out = console()
    table = new_table("export", "item", "state", "severity", "field", "attribute to mend", "of", "publication>", "why")
    for issue in issues:
        item = escape(issue.their_item) or "the whole feed"
        if issue.their_item and issue.item is None:
            item += " (unknown)"
        place = ", ".join(filter(None, (issue.attribute_locale, issue.attribute_scope)))
        attribute = f"{issue.attribute} ({place})" if issue.attribute and place else issue.attribute or ""
        why = f"{issue.code}: {issue.message}" if issue.code else issue.message
        field, number = issue.field or issue.their_field or "", f"{issue.publication:,}"
        table.add_row(
            issue.export, item, issue.state, issue.severity, escape(field), attribute, issue.owner or "", number,
            escape(shortened(why, 90)),
        )  # fmt: skip
    out.print(table) if issues else out.print("Nothing is rejected.")
    if more:
        out.print(f"… and {more:,} more: --limit 0 shows all, --state, --item and --attribute fewer", highlight=False)


def print_taken(taken: Taken) -> None:
    report = taken.report
    counts = _counts(report.counts) or "nothing to mend"
    was = "is taken in" if taken.is_new else "was taken in before, and changes nothing"
    about = f"{report.export}, publication {report.number}"
    console().print(f"Report {report.id} on {about}, {was}: {counts}.", highlight=False)


def print_feedback_reports(rows: Sequence[FeedbackReportRow]) -> None:
    table = new_table("report>", "export", "publication>", "received (UTC)", "from", "name", "what it says")
    for row in rows:
        when = f"{row.received_at:%Y-%m-%d %H:%M}"
        table.add_row(str(row.id), row.export, str(row.number), when, row.author, row.name, _counts(row.counts))
    console().print(table)


def print_polled(polled: Sequence[Polled]) -> None:
    table = new_table("export", "report", "what came of it")
    for one in polled:
        table.add_row(
            one.export, escape(one.name), escape(one.problem or "") or _counts(one.counts) or "nothing to mend"
        )
    console().print(table) if polled else console().print("No new reports.")


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())
