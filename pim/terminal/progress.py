"""Progress bars beside the data: of an import, of an export run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
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

from pim.terminal.shown import console, row_lines, shortened

if TYPE_CHECKING:  # importing these costs more than most commands take
    from pim.intake.import_path import Watch
    from pim.intake.model import DocumentChange
    from pim.intake.sheets.report import Report
    from pim.syndication.run_result import Step


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
                told = [(shortened(one.old), shortened(one.new))] if one.rows is None else map(row_lines, one.rows)
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
