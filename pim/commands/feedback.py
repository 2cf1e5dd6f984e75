"""`pim feedback`: what those who got our feeds say of them."""

from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pim import terminal
from pim.base.clock import now
from pim.base.errors import NotFound
from pim.base.installation import installation
from pim.terminal import AsJson


class _ListsByDefault(TyperGroup):
    """`pim feedback google_merchant` is `pim feedback list google_merchant`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["list", *args]
        return super().parse_args(ctx, args)


feedback = typer.Typer(cls=_ListsByDefault, help="See what is rejected where and why; take in reports.")


@feedback.command("list")
def list_feedback(
    names: Annotated[list[str] | None, typer.Argument(metavar="[EXPORT]...", help="None named: all.")] = None,
    state: Annotated[str | None, typer.Option(help="Only rejected, mended or cleared; default: all but these.")] = None,
    severity: Annotated[str | None, typer.Option(help="Only error, warning or info.")] = None,
    item: Annotated[str | None, typer.Option(help="Only this product.")] = None,
    attribute: Annotated[str | None, typer.Option(help="Only what is taken from this attribute.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="The first so many; 0 for all.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List what is rejected where and why, with the attribute to mend; what is mended is due again."""
    from pim.delivery.feedback.state import feedback as issues_of

    with installation() as here, here.database.snapshot_session() as session:
        found = issues_of(here, session, names or [], state=state, severity=severity, item=item, attribute=attribute)
        issues = list(islice(found, limit or None))
        more = sum(1 for _ in found)
    terminal.print_json({"issues": issues, "more": more}) if as_json else terminal.print_feedback(issues, more)


@feedback.command("add")
def add_feedback(
    export: str,
    file: Annotated[Path, typer.Argument(help="The report, as it came.")],
    format: Annotated[str | None, typer.Option(help="How to read it, other than the definition says.")] = None,
    number: Annotated[
        int | None, typer.Option("--publication", help="What it is about; default: what was delivered last.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take in a report on what was sent. The same one again changes nothing."""
    from pim.delivery.feedback.take_report import take_report

    if not file.is_file():
        raise NotFound(f"there is no file {file}")
    with installation() as here:
        taken = take_report(
            here, export, file.read_bytes(), name=file.name, by=terminal.author(), at=now(), format=format,
            number=number,
        )  # fmt: skip
    terminal.print_json(taken.report.model_dump()) if as_json else terminal.print_taken(taken)


@feedback.command("reports")
def list_reports(
    export: Annotated[str | None, typer.Argument(help="None named: all.")] = None, as_json: AsJson = False
) -> None:
    """List the reports that were taken in, newest first."""
    from pim.delivery.feedback import store

    with installation() as here, here.database.session() as session:
        rows = store.reports(session, export)
    terminal.print_json([row.model_dump() for row in rows]) if as_json else terminal.print_feedback_reports(rows)


@feedback.command("poll")
def poll_feedback(as_json: AsJson = False) -> None:
    """Look for new reports where exports say that they lie, now; workers do so every few minutes."""
    from pim.delivery.feedback.poll import poll_reports

    with installation() as here:
        polled = poll_reports(here)
    terminal.print_json(polled) if as_json else terminal.print_polled(polled)
