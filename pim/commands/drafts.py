"""`pim draft`: edits that wait beside the catalogue, are reviewed, and are applied together."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pim import terminal
from pim.base.clock import now
from pim.base.errors import InvalidInput, Unreadable, Violation
from pim.base.installation import installation
from pim.terminal import AsJson

if TYPE_CHECKING:  # what this needs is imported where it is used
    from pim.versioning.drafts.tables import DraftRow
    from pim.versioning.model import Edit

draft = typer.Typer(no_args_is_help=True, help="Prepare, review and apply edits that do not count yet.")

Comment = Annotated[str | None, typer.Option(help="What to say with it; kept with the draft.")]


@draft.command("create")
def create(name: str, reason: Annotated[str | None, typer.Option(help="Why; kept in the log.")] = None) -> None:
    """Begin a draft."""
    from pim.versioning.drafts.store import create_draft

    with installation() as here, here.database.session() as session:
        create_draft(session, name, terminal.author(), now(), reason)
    typer.echo(f"Draft {name} is begun.")


@draft.command("edit")
def edit(
    name: str,
    entity: Annotated[str | None, typer.Argument(help="product/TEN-EST6, attribute_option/color/red, …")] = None,
    patch: Annotated[str | None, typer.Argument(help="What shall be different, as a JSON object.")] = None,
    delete: Annotated[bool, typer.Option("--delete", help="Delete it when the draft is applied.")] = False,
    edits: Annotated[Path | None, typer.Option("--from", help="A file of edits, one in JSON a line; -: stdin.")] = None,
) -> None:
    """Put edits into a draft: of one thing, or many from a file. All of them or, telling what is wrong, none."""
    from pim.versioning.drafts.edit_draft import edit_draft

    if (edits is None) == (entity is None) or (entity is not None and delete == (patch is not None)):
        raise typer.BadParameter("give an entity with a patch or --delete, or a file --from")
    wanted = _edits_in(edits) if edits else _one_edit(entity or "", patch)
    with installation() as here, here.database.session() as session:
        outcomes = edit_draft(session, name, wanted, terminal.author(), now())
        for warning in (f"{one.code}: {warning}" for one in outcomes for warning in one.warnings):
            typer.echo(warning, err=True)
    changed = sum(outcome.status != "unchanged" for outcome in outcomes)
    typer.echo(f"Draft {name}: {changed} of {len(outcomes)} edits change something.")


@draft.command("drop")
def drop(name: str, numbers: Annotated[list[int], typer.Argument(help="Of edits, as `show` tells them.")]) -> None:
    """Take edits out of a draft."""
    from pim.versioning.drafts.resolve_draft import drop_edits

    with installation() as here, here.database.session() as session:
        drop_edits(session, name, numbers, terminal.author(), now())
    typer.echo(f"Draft {name}: {len(numbers)} edits are dropped.")


@draft.command("list")
def list_all(
    state: Annotated[list[str] | None, typer.Option(help="Only draft, in_review, approved, …; may repeat.")] = None,
    as_json: AsJson = False,
) -> None:
    """List drafts, last changed first."""
    from pim.versioning.drafts.documents import draft_document
    from pim.versioning.drafts.store import list_drafts

    with installation() as here, here.database.session() as session:
        found = [draft_document(row) for row in list_drafts(session, state or [])]
    terminal.print_json(found) if as_json else terminal.print_drafts(found)


@draft.command("show")
def show(name: str, as_json: AsJson = False) -> None:
    """Show a draft: its edits, and what was done with it and said of it."""
    from pim.versioning.drafts.documents import whole_draft
    from pim.versioning.drafts.store import get_draft

    with installation() as here, here.database.session() as session:
        found = whole_draft(session, get_draft(session, name))
    terminal.print_json(found) if as_json else terminal.print_draft(found)


@draft.command("conflicts")
def conflicts(name: str, as_json: AsJson = False) -> None:
    """List what would keep a draft from being applied now: base, the draft's side, the catalogue's side."""
    from pim.versioning.drafts.apply_draft import conflicts_of
    from pim.versioning.drafts.store import get_draft

    with installation() as here, here.database.session() as session:
        found = conflicts_of(session, get_draft(session, name), now())
    if as_json:
        terminal.print_json(found)
    elif found:
        terminal.print_conflicts(found)
    else:
        typer.echo(f"Draft {name} has no conflicts.")


@draft.command("submit")
def submit(name: str, comment: Comment = None) -> None:
    """Hand a draft in for review."""
    from pim.versioning.drafts.review import submit_draft

    with installation() as here, here.database.session() as session:
        _say(submit_draft(session, name, terminal.author(), now(), comment))


@draft.command("approve")
def approve(name: str, comment: Comment = None) -> None:
    """Approve a draft that is in review."""
    from pim.versioning.drafts.review import approve_draft

    with installation() as here, here.database.session() as session:
        by_others = here.settings.review_by_others
        _say(approve_draft(session, name, terminal.author(), now(), comment, by_others))


@draft.command("reject")
def reject(name: str, comment: Comment = None) -> None:
    """Reject a draft. It stays, can be edited and handed in again."""
    from pim.versioning.drafts.review import reject_draft

    with installation() as here, here.database.session() as session:
        _say(reject_draft(session, name, terminal.author(), now(), comment))


@draft.command("comment")
def comment(name: str, text: str) -> None:
    """Say something about a draft."""
    from pim.versioning.drafts.review import comment_draft

    with installation() as here, here.database.session() as session:
        comment_draft(session, name, terminal.author(), now(), text)
    typer.echo(f"Draft {name} has your comment.")


@draft.command("apply")
def apply(name: str) -> None:
    """Merge an approved draft into the catalogue, all of it or nothing. Ends with 3 where there are conflicts."""
    from pim.versioning.derive import catch_up
    from pim.versioning.drafts.apply_draft import apply_draft

    with installation() as here:
        with here.database.session() as session:
            done = apply_draft(session, name, terminal.author(), now())
        catch_up(here.database)
    if done.conflicts:
        terminal.print_conflicts(done.conflicts)
        typer.echo(f"Nothing was written; see pim draft resolve {name} --take draft|catalogue.", err=True)
        raise typer.Exit(3)
    typer.echo(f"Applied in revision {done.revision}." if done.revision else "The catalogue says all of it already.")
    if done.draft.ends_at:
        typer.echo(f"It will be taken back at {done.draft.ends_at:%Y-%m-%d %H:%M:%S %Z}.")


@draft.command("schedule")
def schedule(
    name: str,
    at: Annotated[str | None, typer.Option(help="2026-12-01T00:00, or with an offset: 2026-12-01T00:00+01:00.")] = None,
    until: Annotated[
        str | None, typer.Option(help="When what it did is taken back; also of one applied by now.")
    ] = None,
    zone: Annotated[str, typer.Option(help="Of times without an offset: Europe/Paris.")] = "UTC",
    export: Annotated[list[str] | None, typer.Option(help="Run this export at both times; may repeat.")] = None,
) -> None:
    """Apply an approved draft at a time, and take it back at another, each once. A worker does it.

    In conflict, nothing is written. What others changed since stays when the draft ends, and is told.
    """
    from pim.base.errors import known
    from pim.syndication.run_export import export_names
    from pim.versioning.drafts.schedule import parse_moment, schedule_draft

    starts_at = parse_moment(at, zone) if at else None
    ends_at = parse_moment(until, zone, "until") if until else None
    with installation() as here, here.database.session() as session:
        there = export_names(here.settings)
        for one in export or []:
            if one not in there:
                raise InvalidInput([Violation("exports", "unknown", f"export `{one}` does not exist; {known(there)}")])
        schedule_draft(session, name, starts_at, export or [], terminal.author(), now(), ends_at)
    for what, moment in (("applied", starts_at), ("taken back", ends_at)):
        if moment:
            typer.echo(f"Draft {name} will be {what} at {moment:%Y-%m-%d %H:%M:%S %Z}.")


@draft.command("unschedule")
def unschedule(name: str) -> None:
    """Do not apply a draft by itself, nor take it back: it is approved, as it was, or applied for good."""
    from pim.versioning.drafts.schedule import unschedule_draft

    with installation() as here, here.database.session() as session:
        _say(unschedule_draft(session, name, terminal.author(), now()))


@draft.command("resolve")
def resolve(
    name: str,
    take: Annotated[str, typer.Option(help="Whose side: draft or catalogue.")],
    numbers: Annotated[list[int] | None, typer.Argument(help="Of edits in conflict; none named: all.")] = None,
) -> None:
    """Settle conflicts by choice. Without any left, the draft is in review again."""
    from pim.versioning.drafts.resolve_draft import resolve_draft

    with installation() as here, here.database.session() as session:
        left = resolve_draft(session, name, take, numbers or [], terminal.author(), now())
    if left:
        terminal.print_conflicts(left)
    typer.echo(f"Draft {name} has {len(left) or 'no'} conflicts left.")


@draft.command("delete")
def delete(name: str) -> None:
    """Delete a draft that was not applied, with its edits and comments."""
    from pim.versioning.drafts.review import delete_draft

    with installation() as here, here.database.session() as session:
        delete_draft(session, name)
    typer.echo(f"Draft {name} is deleted.")


def _say(row: "DraftRow") -> None:
    typer.echo(f"Draft {row.code} is {row.state.replace('_', ' ')}.")


def _one_edit(entity: str, patch: str | None) -> list["Edit"]:
    from pim.versioning.drafts.written_edits import read_edits
    from pim.versioning.names import split_name

    kind, owner, code = split_name(entity, "entity")
    what = {"delete": True} if patch is None else {"patch": _json(patch, "the patch")}
    return read_edits([{"kind": kind, "code": code, **({"owner": owner} if owner else {}), **what}])


def _edits_in(path: Path) -> list["Edit"]:
    """Of a file of JSON lines. Raises InvalidInput, Unreadable."""
    from pim.versioning.drafts.written_edits import read_edits

    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path} cannot be read: {error}") from error
    numbered = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not numbered:
        raise InvalidInput([Violation("edits", "required", f"{path} holds no edits; write one JSON object a line")])
    return read_edits(_json(line, f"{path}, line {n}") for n, line in numbered)


def _json(text: str, where: str) -> Any:
    import msgspec

    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise Unreadable(f"{where} is not JSON: {error}") from error
