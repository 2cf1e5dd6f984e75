"""How the command line shows things: tables, progress, values cut to fit."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

if TYPE_CHECKING:  # importing these costs more than most commands take
    from pim.base.jobs.tables import JobRow
    from pim.catalog.table_rows import RowChange
    from pim.intake.import_path import Watch
    from pim.intake.model import DocumentChange
    from pim.intake.sheets.report import Report
    from pim.intake.sheets.write_products import Written
    from pim.syndication.audit import Audit
    from pim.syndication.explain import Explanation
    from pim.syndication.run_result import ExportResult, RunResult, Step
    from pim.syndication.tables import DecisionRow
    from pim.syndication.trace import Origin, Trace
    from pim.versioning.compare import CellDiff, Diff, Summary
    from pim.versioning.drafts.model import MergeConflict
    from pim.versioning.history import HistoryEntry
    from pim.versioning.price_history import PriceHistory

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
SHOWN_OF_DECLARED = 5
_STATE_WORDS = {"as_of": "kept apart", "unchanged": "current already"}


def console() -> Console:
    """As wide as the terminal; wide enough for any table where there is none."""
    return Console(width=None if sys.stdout.isatty() else 200)


def print_json(data: Any) -> None:
    """One JSON document on standard output, and nothing else there."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n")


def author() -> str:
    """Who the log names for what is done at this keyboard."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def shortened(data: Any, width: int = 60) -> str:
    """A value on one line of at most `width` characters; nothing for None."""
    if data is None:
        return ""
    text = data if isinstance(data, str) else _amounts(data) or msgspec.json.encode(data).decode()
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1] + "…"


def _amounts(data: Any) -> str:
    """A measure or prices, as people write them: `1.5 KILOGRAM`, `9.90 EUR, 8.00 GBP`."""
    amounts = data if isinstance(data, list) else [data]
    if not all(isinstance(one, dict) and one.keys() in ({"amount", "unit"}, {"amount", "currency"}) for one in amounts):
        return ""
    return ", ".join(f"{one['amount']} {one.get('unit') or one.get('currency')}" for one in amounts)


@contextmanager
def import_progress(show_changes: bool, report: Report | None = None) -> Iterator[Watch]:
    """A bar a resource while an import runs. The first changes are listed when a dry run asks; a report gets all."""
    from pim.intake.import_path import Watch
    from pim.intake.report import FIRST_CHANGES

    out = console()
    with _bars(TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()) as bars:
        tasks: dict[str, TaskID] = {}
        seen = 0

        def progress(resource: str, done: int, total: int) -> None:
            if resource not in tasks:
                tasks[resource] = bars.add_task(resource, total=total)
            bars.update(tasks[resource], completed=done, total=total)

        def changed(change: DocumentChange) -> None:
            nonlocal seen
            seen += 1
            if report:
                report.add_change(change)
            if show_changes and seen <= FIRST_CHANGES:
                show(change)

        def show(change: DocumentChange) -> None:
            out.print(f"{change.status:9} {change.resource} {change.code}", highlight=False, markup=False)
            for one in change.cells:
                cell = one.cell
                place = ", ".join(filter(None, (cell.locale, cell.scope)))
                name = f"{cell.attribute or cell.path}{f' ({place})' if place else ''}"
                told = [(shortened(one.old), shortened(one.new))] if one.rows is None else map(_row_lines, one.rows)
                for old, new in told:
                    out.print(f"          {name}: {old or '—'} → {new or '—'}", highlight=False, markup=False)

        rejected: Callable[[Any], None] = report.rejections.append if report else lambda rejection: None
        yield Watch(progress=progress, on_rejection=rejected, on_change=changed)
        if show_changes and seen > FIRST_CHANGES:
            out.print(f"… and {seen - FIRST_CHANGES:,} more; --report FILE has them all", highlight=False)


@contextmanager
def export_progress() -> Iterator[Callable[[Step], None]]:
    with _bars(TextColumn("{task.description}")) as bars:
        task = bars.add_task("reading")

        def progress(step: Step) -> None:
            text = f"{step.stage} {step.export}" if step.export else f"{step.stage}: {step.roots:,} products and models"
            bars.update(task, description=text)

        yield progress


def _bars(*columns: ProgressColumn) -> Progress:
    """On a terminal only, beside the data; elsewhere it leaves no trace, not even the line break that Rich adds."""
    beside = Console(stderr=True, force_interactive=True)
    return Progress(SpinnerColumn(), *columns, console=beside, transient=True, disable=not sys.stderr.isatty())


def print_run(result: RunResult) -> None:
    """The one table of a run: what each export became, feed by feed."""
    table = _table("export", "locale", "items>", "rejected>", "revision>", "bytes>", "URL")
    for export in result.exports:
        for feed in export.feeds:
            numbers = (feed.items, feed.rejected, result.revision, feed.bytes)
            place = feed.path if export.state == "as_of" and feed.path else feed.url
            table.add_row(export.name, feed.locale or "all", *(f"{number:,}" for number in numbers), place)
    out = console()
    out.print(table)
    for export in result.exports:
        for line in _remarks(export):
            out.print(line, highlight=False, markup=False)


def _remarks(export: ExportResult) -> Iterator[str]:
    if export.state not in ("published", "unchanged") or export.message:
        state = _STATE_WORDS.get(export.state, export.state)
        yield f"{export.name}: {state}{f': {export.message}' if export.message else ''}"
    if export.copied_from is not None and export.state == "published":
        yield f"{export.name}: what has not changed is copied from publication {export.copied_from}"
    if export.left_out:
        yield f"{export.name}: no item, so not made: {', '.join(export.left_out)}"
    if export.folder and export.state == "as_of":
        yield f"{export.name}: {export.folder}"


def print_status(status: Mapping[str, Any]) -> None:
    out = console()
    counts = f"{status['products']:,} products, {status['product_models']:,} product models"
    out.print(f"Revision {status['revision']}: {counts}.", highlight=False)
    table = _table("export", "file", "locale", "items>", "rejected>", "revision>", "bytes>")
    for row in status["exports"]:
        numbers = (row["items"], row["rejected"], row["revision"], row["bytes"])
        table.add_row(row["name"], row["file"], row["locale"] or "all", *(f"{number:,}" for number in numbers))
    out.print(table)


def print_report(report: Mapping[str, Any]) -> None:
    """Rejected items: which, where, which rule, which value, and the attribute to fix."""
    out = console()
    state = f"publication {report['publication']} ({report['state']})"
    out.print(f"{report['name']}, {state}, revision {report['revision']}:", highlight=False)
    out.print(f"{report['items']:,} items, {report['rejected_items']:,} rejected.", highlight=False)
    if report["reason"]:
        out.print(report["reason"], highlight=False, markup=False)
    table = _table("item", "locale", "field", "rule", "value", "attribute", "what to do")
    for row in report["rejected"]:
        sources = row.get("attributes") or row.get("attribute") or row.get("source") or ""
        named = ", ".join(sources) if isinstance(sources, list) else str(sources)
        field, rule = str(row.get("field", "")), str(row.get("rule", ""))
        value = shortened(row.get("value"), 40)
        table.add_row(row["item"], row["locale"] or "all", field, rule, value, named, shortened(row["message"], 90))
    if report["rejected"]:
        out.print(table)


def print_comparison(comparison: Mapping[str, Any]) -> None:
    """What differs: counts by file, then items and fields, before and after."""
    out = console()
    numbers = f"publication {comparison['publication']} ({comparison['state']}) against {comparison['against']}"
    out.print(f"{comparison['name']}: {numbers}", highlight=False)
    if comparison["reason"]:
        out.print(comparison["reason"], highlight=False, markup=False)
    counts = _table("file", "items>", "before>", "added>", "removed>", "changed>", "rejected>", "price swings>")
    for one in comparison["files"]:
        of = (one.items_after, one.items_before, one.added, one.removed, one.changed, one.rejected, one.price_swings)
        counts.add_row(one.file, *(f"{number:,}" for number in of))
    out.print(counts)
    table = _table("file", "locale", "item", "change", "field", "before", "after")
    for row in comparison["differences"]:
        old, new = shortened(row.before, 50), shortened(row.after, 50)
        table.add_row(row.file, row.locale or "all", row.item, row.change, row.field or "", old, new)
    if comparison["differences"]:
        out.print(table)
    if comparison["more"]:
        out.print("… and more: --limit 0 shows all, --file one feed", highlight=False)


def print_explanation(explanation: Explanation) -> None:
    """Locale by locale: the verdict, then each field with its origins and what every step made of it."""
    out = console()
    of = f"publication {explanation.publication}, " if explanation.publication else ""
    out.print(f"{explanation.export}: {explanation.item} ({of}revision {explanation.revision})", highlight=False)
    if not explanation.same_definition:
        out.print("The definition is not the one that was published last.", highlight=False)
    for one in explanation.locales:
        out.print(f"\n{one.locale}: {one.verdict}", highlight=False)
        lines = [f"{code}: {reason}" for code, reason in one.why.items()]
        lines += [f"{violation.field}: {violation.message}" for violation in one.violations]
        for name, trace in one.fields.items():
            lines += _trace_lines(name, trace, 0)
        for line in lines:
            out.print(f"  {line}", highlight=False, markup=False)


def _trace_lines(name: str, trace: Trace, depth: int) -> Iterator[str]:
    indent = "  " * depth
    of = f" ({trace.of})" if trace.of else ""
    yield f"{indent}{name}{of} = {shortened(trace.value, 80) if trace.value is not None else '—'}"
    for origin in trace.origins:
        yield f"{indent}    {'←' if origin.used else '·'} {_origin_line(origin)}"
    for step in trace.steps:
        made = shortened(step.value, 60) if step.value is not None else "—"
        yield f"{indent}    | {shortened(step.step, 50)} → {made}"
    for part, inner in trace.parts.items():
        if inner.value is not None or inner.origins:
            yield from _trace_lines(part, inner, depth + 1)


def _origin_line(origin: Origin) -> str:
    place = ", ".join(filter(None, (origin.locale, origin.scope)))
    name = f"{origin.name} ({place})" if place else origin.name
    if not origin.used:
        return f"{name}: nothing"
    if origin.owner is None:
        return f"{name} = {shortened(origin.value, 60)}"
    since = f"revision {origin.revision}, {origin.changed_by}" if origin.revision else "as it came"
    fallback = ", a fallback" if origin.is_fallback else ""
    kind = (origin.owner_kind or "").replace("_", " ")
    return f"{name} of {kind} {origin.owner} ({since}{fallback}) = {shortened(origin.data, 60)}"


def print_audit(audit: Audit) -> None:
    """Which publications were compared, what they contradict one another in, and what differs on purpose."""
    out = console()
    table = _table("export", "publication>", "revision>", "behind>", "says", "remark")
    for one in audit.exports:
        remarks = [f"publication {one.waiting} waits"] if one.waiting else []
        remarks = (["shows an older revision than others"] if one.is_stale else []) + remarks
        numbers = (str(one.publication), str(one.revision), str(one.behind))
        table.add_row(one.export, *numbers, ", ".join(one.says), one.problem or ", ".join(remarks))
    out.print(table)
    counts = f"{audit.contradictions_count:,} contradictions, {audit.declared_count:,} declared differences"
    out.print(f"{audit.products:,} products compared: {counts}.", highlight=False)
    table = _table("product", "what", "where", "export", "says", "on purpose")
    for found in (*audit.contradictions, *audit.declared[:SHOWN_OF_DECLARED]):
        where = found.locale or found.currency or "everywhere"
        for said in found.statements:
            why = shortened(found.declared.get(said.export), 40)
            table.add_row(found.product, found.meaning, where, f"{said.export}/{said.file}", shortened(said.value), why)
    if audit.contradictions or audit.declared:
        out.print(table)
    if len(audit.declared) > SHOWN_OF_DECLARED:
        out.print("… and more that differs on purpose: --json", highlight=False)


def print_decisions(rows: Sequence[DecisionRow]) -> None:
    table = _table("publication>", "verdict", "who", "when (UTC)", "held because", "comment")
    for row in rows:
        when = f"{row.decided_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(row.number), row.verdict, row.author, when, row.held_because or "", row.comment or "")
    console().print(table)


def print_history(entries: Sequence[HistoryEntry]) -> None:
    table = _table("revision>", "when (UTC)", "who", "through", "what", "from", "to")
    for entry in entries:
        what = {"+": "created", "-": "deleted"}.get(entry.path, entry.attribute or entry.path)
        place = ", ".join(filter(None, (entry.locale, entry.scope)))
        old, new = ("" if entry.path == "-" else shortened(entry.old, 40)), shortened(entry.new, 40)
        if entry.rows is not None:
            old, new = ("\n".join(lines) for lines in zip(*map(_row_lines, entry.rows), strict=True))
        table.add_row(
            str(entry.revision), f"{entry.committed_at:%Y-%m-%d %H:%M:%S}", entry.author, entry.source,
            f"{what} ({place})" if place else what, old, new,
        )  # fmt: skip
    console().print(table)


def print_prices(found: Sequence[PriceHistory], days: int) -> None:
    """A table of amounts, and what the rules on reductions ask for below it."""
    out = console()
    table = _table("currency", "amount>", "from (UTC)", "until (UTC)", "revision>")
    for one in found:
        for period in one.periods:
            until = f"{period.until:%Y-%m-%d %H:%M}" if period.until else ""
            amount = "no price" if period.amount is None else str(period.amount)
            table.add_row(one.currency, amount, f"{period.since:%Y-%m-%d %H:%M}", until, str(period.revision))
    out.print(table if found else "It never had a price.")
    for one in found:
        if one.lowest is not None:
            out.print(f"{one.currency}: {one.lowest.amount} is the lowest of the last {days} days.", highlight=False)
        if (cut := one.reduction) is not None:
            told = f"reduced from {cut.old} to {cut.new} on {cut.at:%Y-%m-%d}"
            lowest = f"the lowest of the {days} days before was {cut.lowest_before}"
            out.print(f"{one.currency}: {told}; {lowest}.", highlight=False)


_OPS = {"created": "[green]+[/green]", "deleted": "[red]-[/red]", "changed": "~"}


def print_diff(diff: Diff) -> None:
    """Each thing with its values before and after, then how much there is of what."""
    out = console()
    for one in diff.changes:
        name = "/".join(filter(None, (one.kind, one.owner, one.code)))
        out.print(f"{_OPS[one.op]} {escape(name)}{f' ({escape(one.family)})' if one.family else ''}", highlight=False)
        for cell in one.cells if one.op == "changed" else ():
            place = ", ".join(filter(None, (cell.locale, cell.scope)))
            what = f"{cell.attribute or cell.path}{f' ({place})' if place else ''}"
            out.print(f"    {escape(what)}: {_cell_change(cell)}", highlight=False)
    total = diff.summary.entities
    if total > len(diff.changes):
        out.print(f"… and {total - len(diff.changes):,} more; --limit shows them, --json has all", highlight=False)
    found = f"{total:,} differ" if total > 1 else "1 differs" if total else "Nothing differs"
    out.print(f"{found} between revisions {diff.old} and {diff.new}.", highlight=False)
    for title, counts in _sums(diff.summary):
        out.print(f"  {title}: {counts}", highlight=False, markup=False)


def _cell_change(cell: CellDiff) -> str:
    """Marked up: what went struck through, what came green."""
    if cell.words is not None:
        return "".join(_WORD_MARKS[step].format(escape(text)) for step, text in _near(cell.words))
    if cell.rows is not None:
        return "; ".join(escape(f"{old or '—'} → {new or '—'}") for old, new in map(_row_lines, cell.rows))
    return escape(f"{shortened(cell.old) or '—'} → {shortened(cell.new) or '—'}")


_WORD_MARKS = {"same": "{}", "old": "[red strike]\\[-{}-][/red strike]", "new": "[green]{{+{}+}}[/green]"}
_CONTEXT = 40
"""Characters of a text that are shown around what changed in it."""


def _near(words: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Of what stayed only the ends that touch a change, on one line."""
    for n, (step, text) in enumerate(words):
        line = " ".join(text.split(" ")).replace("\n", " ")
        if step == "same" and len(line) > 2 * _CONTEXT:
            before = line[:_CONTEXT] if n > 0 else ""
            after = line[-_CONTEXT:] if n < len(words) - 1 else ""
            line = f"{before}…{after}"
        yield step, line


def _sums(summary: Summary) -> Iterator[tuple[str, str]]:
    for kind, ops in sorted(summary.kinds.items()):
        yield kind.replace("_", " "), ", ".join(f"{count:,} {op}" for op, count in sorted(ops.items()))
    for title, counts in (("values by attribute", summary.attributes), ("by family", summary.families)):
        if counts:
            yield title, ", ".join(f"{name} {count:,}" for name, count in counts.most_common(12))


def _row_lines(change: RowChange) -> tuple[str, str]:
    """One row of a table before and after: the cells that differ."""
    old, new = change.old or {}, change.new or {}
    columns = [column for column in dict.fromkeys((*old, *new)) if old.get(column) != new.get(column)]

    def line(row: Mapping[str, Any]) -> str:
        shown = (column for column in columns if column in row and column != change.column)
        cells = ", ".join(f"{column} {shortened(row[column], 30)}" for column in shown)
        return f"{change.row}: {cells}".rstrip(": ") if row else ""

    return line(old), line(new)


def print_users(users: Sequence[Mapping[str, Any]]) -> None:
    table = _table("user", "roles", "sees only", "edits only", "since (UTC)", "disabled (UTC)")
    for one in users:
        limits = (
            ", ".join(f"{name}={','.join(codes)}" for name, codes in one[kind].items()) for kind in ("view", "edit")
        )
        table.add_row(one["username"], ", ".join(one["roles"]), *limits, *_since(one))
    console().print(table)


def print_connections(connections: Sequence[Mapping[str, Any]]) -> None:
    table = _table("connection", "client id", "since (UTC)", "disabled (UTC)")
    for one in connections:
        table.add_row(one["code"], one["client_id"], *_since(one))
    console().print(table)


def print_mappings(mappings: Sequence[Mapping[str, Any]]) -> None:
    table = _table("mapping", "title", "columns>", "saved (UTC)", "by")
    for one in mappings:
        saved = str(one["updated"])[:16].replace("T", " ")
        columns = f"{len(one.get('columns', ())):,}"
        table.add_row(one["code"], one.get("title", ""), columns, saved, one["updated_by"])
    console().print(table)


def print_jobs(rows: Sequence[JobRow]) -> None:
    table = _table("job>", "kind", "who", "state", "progress", "asked for (UTC)", "error")
    for row in rows:
        asked = f"{row.created:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(row.id), row.kind, row.author, row.state, _progress(row), asked, shortened(row.error, 80))
    console().print(table)


def print_job(row: JobRow) -> None:
    out = console()
    out.print(f"Job {row.id}, {row.kind}, asked for by {row.author}: {row.state}", highlight=False, markup=False)
    moments = {"asked for": row.created, "begun": row.started, "ended": row.finished}
    lines = {name: f"{at:%Y-%m-%d %H:%M:%S} UTC" for name, at in moments.items() if at}
    lines |= {"arguments": shortened(row.arguments, 150), "progress": _progress(row), "error": row.error or ""}
    lines |= {
        "worker": f"{row.worker}, attempt {row.attempts}" if row.worker else "",
        "result": shortened(row.result, 1000),
    }
    for name, text in lines.items():
        if text:
            out.print(f"{name:10} {text}", highlight=False, markup=False)


def _progress(row: JobRow) -> str:
    done = f"{row.done:,}" + (f" of {row.total:,}" if row.total is not None else "")
    return f"{row.what}: {done}" if row.what else ""


def print_drafts(drafts: Sequence[Mapping[str, Any]]) -> None:
    table = _table("draft", "state", "who", "reviewed by", "changed (UTC)", "revision>", "reason")
    for one in drafts:
        changed = f"{one['updated']:%Y-%m-%d %H:%M:%S}"
        names = (one["code"], one["state"].replace("_", " "), one["author"], one["reviewer"] or "")
        table.add_row(*names, changed, str(one["revision"] or ""), shortened(one["reason"]))
    console().print(table)


def print_draft(draft: Mapping[str, Any]) -> None:
    print_drafts([draft])
    edits = _table("edit>", "of", "what", "from", "to")
    for one in draft["edits"]:
        what = {"+": "create", "-": "delete"}.get(one["path"])
        old, new = ("", "") if what else (shortened(one["base"], 40), shortened(one["data"], 40))
        edits.add_row(str(one["edit"]), _entity(one), what or _cell(one), old, new)
    events = _table("when (UTC)", "who", "did", "comment")
    for one in draft["events"]:
        events.add_row(f"{one['at']:%Y-%m-%d %H:%M:%S}", one["author"], one["what"], one["comment"] or "")
    console().print("", edits, "", events)


def print_conflicts(conflicts: Sequence[MergeConflict]) -> None:
    table = _table("edit>", "of", "what", "base", "draft", "catalogue", "why")
    for one in (asdict(conflict) for conflict in conflicts):
        what = {"+": "create", "-": "delete"}.get(one["path"])
        sides = ("", "", "") if what else (shortened(one[side], 30) for side in ("base", "ours", "theirs"))
        table.add_row(str(one["edit"]), _entity(one), what or _cell(one), *sides, shortened(one["message"], 120))
    console().print(table)


def _entity(row: Mapping[str, Any]) -> str:
    return "/".join(filter(None, (row["kind"], row["owner"], row["code"])))


def _cell(row: Mapping[str, Any]) -> str:
    place = ", ".join(filter(None, (row["locale"], row["scope"])))
    return f"{row['attribute'] or row['path']}{f' ({place})' if place else ''}"


def print_written(written: Written) -> None:
    models = f"{written.product_models:,} product models and " if written.product_models else ""
    held = f"{models}{written.products:,} products of revision {written.revision}"
    console().print(f"{written.path}: {held}.", highlight=False, markup=False)


def _since(row: Mapping[str, Any]) -> tuple[str, str]:
    """When it was made, and disabled."""
    return f"{row['created']:%Y-%m-%d %H:%M}", f"{row['disabled']:%Y-%m-%d %H:%M}" if row["disabled"] else ""


def _table(*headings: str) -> Table:
    """A heading ending in `>` makes a column of numbers."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in headings:
        number = heading.endswith(">")
        table.add_column(
            heading.rstrip(">"), justify="right" if number else "left", no_wrap=number,
            overflow="fold",
        )  # fmt: skip
    return table
