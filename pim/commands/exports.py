"""`pim export` and `pim exports`: feeds rendered, definitions checked, publications compared, let out, thrown away and
brought back."""

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pim import terminal
from pim.base.clock import now
from pim.base.errors import InvalidInput, Violation
from pim.base.installation import Installation, installation
from pim.commands.categories import suggest_categories
from pim.terminal import AsJson

if TYPE_CHECKING:  # what this needs is imported where it is used
    from sqlmodel import Session

exports = typer.Typer(no_args_is_help=True, help="Look after the channel exports and their publications.")
exports.command("categories")(suggest_categories)

OnlyNumber = Annotated[int | None, typer.Option("--publication", help="Only if this is the one that waits.")]
Comment = Annotated[str | None, typer.Option(help="Why; kept on record.")]


def export(
    names: Annotated[list[str] | None, typer.Argument(help="Exports to render; none named: all.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Render this revision, day or moment; kept apart, never current.")
    ] = None,
    draft: Annotated[
        str | None, typer.Option(help="Render as if this draft were applied now; kept apart, never current.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Render everything; the bytes are the same.")] = False,
    as_json: AsJson = False,
) -> None:
    """Render feeds from one revision of the catalogue and publish them. What has not changed is copied."""
    if as_of is not None and draft is not None:
        message = "`--draft` is applied to the catalogue of now; leave `--as-of` out, or render both one by one"
        raise InvalidInput([Violation("draft", "with_as_of", message)])
    with installation() as here:
        with here.database.session() as session:
            revision = _revision(session, as_of)
        render(here, names or [], as_json, as_of=revision, draft=draft, full=full)


def render(here: Installation, names: Sequence[str] = (), as_json: bool = False, **asked: Any) -> None:
    """`asked` as in `run_exports`. Ends with 1 when one of them failed."""
    from pim.syndication.run_export import run_exports

    with terminal.export_progress() as progress:
        result = run_exports(here.database, here.storage, here.settings, names, progress=progress, **asked)
    terminal.print_json(result) if as_json else terminal.print_run(result)
    if result.failed:
        raise typer.Exit(1)


def _revision(session: "Session", when: str | None) -> int | None:
    from pim.versioning.moments import revision_of

    return None if when is None else revision_of(session, when, "as_of")


@exports.command("check")
def check_exports(names: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Check definitions against their schemas, and against the catalogue."""
    from pim.exports.catalogue_check import check_against_catalogue
    from pim.exports.load import load_definition
    from pim.syndication.run_export import export_names
    from pim.versioning.store import current_structure

    with installation() as here, here.database.session() as session:
        structure = current_structure(session)
        for name in names or export_names(here.settings):
            definition = load_definition(here.settings.exports_folder / name)
            warnings = check_against_catalogue(definition, structure) if structure.channels else []
            typer.echo(f"{name}: {'as it should be' if not warnings else 'valid, but:'}")
            for warning in warnings:
                typer.echo(f"  {warning}")


@exports.command("preview")
def preview_export(
    name: str,
    verdict: Annotated[str | None, typer.Option(help="Only what is `taken`, or `left_out`.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only what this key of the assortment leaves out.")] = None,
    item: Annotated[str | None, typer.Option(help="Only this product.")] = None,
    as_of: Annotated[str | None, typer.Option(help="A revision, day or moment; default: now.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="The first so many products; 0 for all.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Count and list what an export takes and what it leaves out, by which rule; nothing is rendered."""
    from pim.syndication.preview import preview

    with installation() as here, here.database.snapshot_session() as session:
        found = preview(session, here.settings, name, _revision(session, as_of))
        matching = found.rows(verdict, rule, item)
        rows = list(islice(matching, limit or None))
        more = sum(1 for _ in matching)
    if as_json:
        told = {"name": name, "revision": found.revision, "counts": found.counts, "items": rows, "more": more}
        terminal.print_json(told)
    else:
        terminal.print_preview(name, found, rows, more)


@exports.command("report")
def report_export(name: str, as_json: AsJson = False) -> None:
    """List the items that an export left out: field, rule, value, and the attribute to fix."""
    from pim.syndication.report import report

    with installation() as here, here.database.session() as session:
        found = report(session, here.storage, name)
    terminal.print_json(found) if as_json else terminal.print_report(found)


@exports.command("diff")
def diff_export(
    name: str,
    number: Annotated[int | None, typer.Option("--publication", help="Default: what waits, else the current.")] = None,
    against: Annotated[int | None, typer.Option(help="Default: the current one, else the one before.")] = None,
    file: Annotated[str | None, typer.Option(help="Only this feed.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="The first so many rows; 0 for all.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Show what a publication says differently: items and fields, before and after. Of one that waits, against what is
    current."""
    from pim.exports.load import load_definition
    from pim.syndication.comparison import compared, comparison

    with installation() as here, here.database.session() as session:
        definition = load_definition(here.settings.exports_folder / name)
        found = comparison(compared(session, here.storage, definition, number, against), file, limit or None)
    terminal.print_json(found) if as_json else terminal.print_comparison(found)


@exports.command("explain")
def explain_export(
    name: str,
    code: Annotated[str, typer.Argument(help="A product's identifier, or a product model's code.")],
    field: Annotated[str | None, typer.Argument(help="Only this field: price, or variants.0.price.")] = None,
    locale: Annotated[str | None, typer.Option(help="Only in this locale.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="A revision, day or moment; default: the one that is published.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say where each field of an item comes from: attribute, product or model, changeset, fallbacks, transforms."""
    from pim.syndication.explain import explain

    with installation() as here, here.database.snapshot_session() as session:
        found = explain(session, here.settings, name, code, field, locale, _revision(session, as_of))
    terminal.print_json(found) if as_json else terminal.print_explanation(found)


@exports.command("approve")
def approve_export(name: str, number: OnlyNumber = None, comment: Comment = None) -> None:
    """Make a held publication current, as it was checked. Refused when another is current than it was compared with."""
    from pim.syndication.approval import approve

    with installation() as here:
        approved = approve(here.database, here.storage, name, number, by=terminal.author(), comment=comment)
    typer.echo(f"Publication {approved.number} of {name} is current.")


@exports.command("reject")
def reject_export(name: str, number: OnlyNumber = None, comment: Comment = None) -> None:
    """Drop a held publication; the current one stays."""
    from pim.syndication.approval import reject

    with installation() as here:
        rejected = reject(here.database, here.storage, name, number, by=terminal.author(), comment=comment)
    typer.echo(f"Publication {rejected.number} of {name} is dropped.")


@exports.command("rollback")
def roll_back_export(
    name: str,
    to: Annotated[int | None, typer.Option(help="The publication to go back to; default: the one before.")] = None,
    comment: Comment = None,
) -> None:
    """Make a kept publication current again, under a new number."""
    from pim.syndication.rollback import roll_back

    with installation() as here:
        rolled = roll_back(here.database, here.storage, name, to, by=terminal.author(), comment=comment)
    typer.echo(f"Publication {rolled.number} of {name} is current: the files of {rolled.rollback_of} again.")


@exports.command("decisions")
def list_decisions(name: str, as_json: AsJson = False) -> None:
    """List who approved, rejected or rolled back what, when and why; newest first."""
    from pim.syndication import store

    with installation() as here, here.database.session() as session:
        rows = store.decisions(session, name)
    terminal.print_json([row.model_dump() for row in rows]) if as_json else terminal.print_decisions(rows)


@exports.command("schedules")
def list_schedules(as_json: AsJson = False) -> None:
    """List exports that run by themselves: when next, how the last run ended, what they wait for, who paused them."""
    from pim.delivery.schedules.state import schedule_states

    with installation() as here, here.database.session() as session:
        states = schedule_states(session, here.settings, now())
    terminal.print_json(states) if as_json else terminal.print_schedules(states)


@exports.command("pause")
def pause_export(name: str, comment: Comment = None) -> None:
    """Stop an export's automatic runs; what falls due meanwhile is passed over. It can be run by hand still."""
    from pim.delivery.schedules.state import pause

    with installation() as here, here.database.session() as session:
        pause(session, here.settings, name, terminal.author(), now(), comment)
    typer.echo(f"{name} is paused: no run begins by itself until pim exports resume {name}.")


@exports.command("resume")
def resume_export(name: str) -> None:
    """Let an export run by itself again, with what falls due from now on."""
    from pim.delivery.schedules.state import resume, schedule_state

    with installation() as here, here.database.session() as session:
        resume(session, here.settings, name, now())
        state = schedule_state(session, here.settings, name, now())
    when = f"; next at {state.next_run.isoformat()}" if state.next_run else ""
    typer.echo(f"{name} runs by itself again{when}.")
