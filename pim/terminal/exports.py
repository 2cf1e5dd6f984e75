"""Export runs, publications, reports and audits as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pim.terminal.schedules import print_schedules
from pim.terminal.shown import console, new_table, shortened

if TYPE_CHECKING:  # importing these costs more than most commands take
    from pim.syndication.audit import Audit
    from pim.syndication.explain import Explanation
    from pim.syndication.preview import Preview, PreviewRow
    from pim.syndication.run_result import ExportResult, RunResult
    from pim.syndication.tables import DecisionRow
    from pim.syndication.trace import Origin, Trace

SHOWN_OF_DECLARED = 5
APART = ("as_of", "previewed")
_STATE_WORDS = {"as_of": "kept apart", "previewed": "kept apart, with the draft", "unchanged": "current already"}


def print_run(result: RunResult) -> None:
    """The one table of a run: what each export became, feed by feed."""
    table = new_table("export", "locale", "items>", "rejected>", "revision>", "bytes>", "URL")
    for export in result.exports:
        for feed in export.feeds:
            numbers = (feed.items, feed.rejected, result.revision, feed.bytes)
            place = feed.path if export.state in APART and feed.path else feed.url
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
    if export.folder and export.state in APART:
        yield f"{export.name}: {export.folder}"


def print_status(status: Mapping[str, Any]) -> None:
    out = console()
    counts = f"{status['products']:,} products, {status['product_models']:,} product models"
    out.print(f"Revision {status['revision']}: {counts}.", highlight=False)
    table = new_table("export", "file", "locale", "items>", "rejected>", "revision>", "bytes>")
    for row in status["exports"]:
        numbers = (row["items"], row["rejected"], row["revision"], row["bytes"])
        table.add_row(row["name"], row["file"], row["locale"] or "all", *(f"{number:,}" for number in numbers))
    out.print(table)
    if status["schedules"]:
        print_schedules(status["schedules"])


def print_report(report: Mapping[str, Any]) -> None:
    """Rejected items: which, where, which rule, which value, and the attribute to fix."""
    out = console()
    state = f"publication {report['publication']} ({report['state']})"
    out.print(f"{report['name']}, {state}, revision {report['revision']}:", highlight=False)
    out.print(f"{report['items']:,} items, {report['rejected_items']:,} rejected.", highlight=False)
    if report["reason"]:
        out.print(report["reason"], highlight=False, markup=False)
    table = new_table("item", "locale", "field", "rule", "value", "attribute", "what to do")
    for row in report["rejected"]:
        sources = row.get("attributes") or row.get("attribute") or row.get("source") or ""
        named = ", ".join(sources) if isinstance(sources, list) else str(sources)
        field, rule = str(row.get("field", "")), str(row.get("rule", ""))
        value = shortened(row.get("value"), 40)
        table.add_row(row["item"], row["locale"] or "all", field, rule, value, named, shortened(row["message"], 90))
    if report["rejected"]:
        out.print(table)


def print_preview(name: str, preview: Preview, rows: Sequence[PreviewRow], more: int) -> None:
    """How many products each locale takes and each rule leaves out; then product by product."""
    out = console()
    out.print(f"{name}, of the catalogue at revision {preview.revision}:", highlight=False)
    counts = new_table("locale", "taken>", "left out>", "by rule")
    for one in preview.counts:
        by_rule = ", ".join(f"{rule} {count:,}" for rule, count in one.by_rule.items())
        counts.add_row(one.locale, f"{one.taken:,}", f"{one.left_out:,}", by_rule)
    out.print(counts)
    table = new_table("product", "locales", "verdict", "rule", "why")
    for row in rows:
        locales = "all" if len(row.locales) == len(preview.counts) else ", ".join(row.locales)
        table.add_row(row.item, locales, row.verdict.replace("_", " "), row.rule or "", shortened(row.reason, 90))
    if rows:
        out.print(table)
    if more:
        out.print(f"… and {more:,} more: --limit 0 shows all, --verdict, --rule and --item fewer", highlight=False)


def print_comparison(comparison: Mapping[str, Any]) -> None:
    """What differs: counts by file, then items and fields, before and after."""
    out = console()
    numbers = f"publication {comparison['publication']} ({comparison['state']}) against {comparison['against']}"
    out.print(f"{comparison['name']}: {numbers}", highlight=False)
    if comparison["reason"]:
        out.print(comparison["reason"], highlight=False, markup=False)
    counts = new_table("file", "items>", "before>", "added>", "removed>", "changed>", "rejected>", "price swings>")
    for one in comparison["files"]:
        of = (one.items_after, one.items_before, one.added, one.removed, one.changed, one.rejected, one.price_swings)
        counts.add_row(one.file, *(f"{number:,}" for number in of))
    out.print(counts)
    table = new_table("file", "locale", "item", "change", "field", "before", "after")
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
    table = new_table("export", "publication>", "revision>", "behind>", "says", "remark")
    for one in audit.exports:
        remarks = [f"publication {one.waiting} waits"] if one.waiting else []
        remarks = (["shows an older revision than others"] if one.is_stale else []) + remarks
        numbers = (str(one.publication), str(one.revision), str(one.behind))
        table.add_row(one.export, *numbers, ", ".join(one.says), one.problem or ", ".join(remarks))
    out.print(table)
    counts = f"{audit.contradictions_count:,} contradictions, {audit.declared_count:,} declared differences"
    out.print(f"{audit.products:,} products compared: {counts}.", highlight=False)
    table = new_table("product", "what", "where", "export", "says", "on purpose")
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
    table = new_table("publication>", "verdict", "who", "when (UTC)", "held because", "comment")
    for row in rows:
        when = f"{row.decided_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(row.number), row.verdict, row.author, when, row.held_because or "", row.comment or "")
    console().print(table)
