"""What changed, by whom and when, and what a price was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.markup import escape

from pim.terminal.shown import console, new_table, row_lines, shortened

if TYPE_CHECKING:  # importing these costs more than most commands take
    from pim.versioning.compare import CellDiff, Diff, Summary
    from pim.versioning.history import HistoryEntry
    from pim.versioning.price_history import PriceHistory

_OPS = {"created": "[green]+[/green]", "deleted": "[red]-[/red]", "changed": "~"}
_WORD_MARKS = {"same": "{}", "old": "[red strike]\\[-{}-][/red strike]", "new": "[green]{{+{}+}}[/green]"}
_CONTEXT = 40
"""Characters of a text that are shown around what changed in it."""


def print_history(entries: Sequence[HistoryEntry]) -> None:
    table = new_table("revision>", "when (UTC)", "who", "through", "what", "from", "to")
    for entry in entries:
        what = {"+": "created", "-": "deleted"}.get(entry.path, entry.attribute or entry.path)
        place = ", ".join(filter(None, (entry.locale, entry.scope)))
        old, new = ("" if entry.path == "-" else shortened(entry.old, 40)), shortened(entry.new, 40)
        if entry.rows is not None:
            old, new = ("\n".join(lines) for lines in zip(*map(row_lines, entry.rows), strict=True))
        table.add_row(
            str(entry.revision), f"{entry.committed_at:%Y-%m-%d %H:%M:%S}", entry.author, entry.source,
            f"{what} ({place})" if place else what, old, new,
        )  # fmt: skip
    console().print(table)


def print_prices(found: Sequence[PriceHistory], days: int) -> None:
    """A table of amounts, and what the rules on reductions ask for below it."""
    out = console()
    table = new_table("currency", "amount>", "from (UTC)", "until (UTC)", "revision>")
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
        return "; ".join(escape(f"{old or '—'} → {new or '—'}") for old, new in map(row_lines, cell.rows))
    return escape(f"{shortened(cell.old) or '—'} → {shortened(cell.new) or '—'}")


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
