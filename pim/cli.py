"""The command line: wires rooms together, decides nothing. Data goes to stdout, errors are a line on stderr."""

import logging
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pim import __version__, terminal
from pim.base.clock import now
from pim.base.database import open_database
from pim.base.database_errors import database_errors
from pim.base.embedded import stop_embedded
from pim.base.errors import InvalidInput, PimError
from pim.base.installation import Installation
from pim.base.logs import set_up_logging
from pim.base.object_storage import open_storage
from pim.base.settings import data_folder, read_settings

if TYPE_CHECKING:  # what this needs is imported where it is used
    from pim.intake.sheets.model import ColumnMapping

GRACE_BESIDE_SERVER = 3.0
"""Seconds: whoever presses Ctrl-C does not wait for an export to end."""

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="One catalogue, consistent feeds everywhere.",
)
exports = typer.Typer(no_args_is_help=True, help="Look after the channel exports and their publications.")
app.add_typer(exports, name="exports")
user = typer.Typer(no_args_is_help=True, help="Make, change, list and disable those who may sign in.")
app.add_typer(user, name="user")
connection = typer.Typer(no_args_is_help=True, help="Make, list and disable programs that use the REST API.")
app.add_typer(connection, name="connection")
mappings = typer.Typer(no_args_is_help=True, help="Say what the columns of other people's sheets mean.")
app.add_typer(mappings, name="mappings")
jobs = typer.Typer(no_args_is_help=True, help="Look after background work.")
app.add_typer(jobs, name="jobs")
products = typer.Typer(no_args_is_help=True, help="Write products into sheets.")
app.add_typer(products, name="products")


@contextmanager
def installation() -> Iterator[Installation]:
    """Open for as long as the command works on it."""
    settings = read_settings()
    with open_database(settings) as database, database_errors(settings):
        yield Installation(settings, database, open_storage(settings))


@app.command()
def demo(
    serve_feeds: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the feeds afterwards.")] = True,
) -> None:
    """Load the demo catalogue, render every export, and serve the feeds."""
    with installation() as here:
        _import(here, data_folder("fixtures"))
        _export(here)
        if serve_feeds:
            _serve(here)


@app.command()
def serve() -> None:
    """Serve the feeds and media over HTTP, on PIM_HOST and PIM_PORT."""
    with installation() as here:
        _serve(here)


@app.command()
def worker(
    at_once: Annotated[int, typer.Option("--jobs", min=1, max=32, help="Long jobs to run at once.")] = 1,
    grace: Annotated[float, typer.Option(min=0, help="Seconds that running jobs have when the worker ends.")] = 20.0,
    as_child: Annotated[bool, typer.Option("--as-child", hidden=True)] = False,
) -> None:
    """Run the jobs that wait in the database: imports, exports, and what follows changes. Ctrl-C or SIGTERM ends."""
    from pim.background import JOBS, sweep
    from pim.base.child_processes import end_with_parent
    from pim.base.jobs.worker import run_worker

    ending = Event()
    if as_child:
        end_with_parent(ending, grace)
    with installation() as here:
        set_up_logging(here.settings.log)
        if not as_child:
            typer.echo("Waiting for jobs. Ctrl-C ends.")
        run_worker(here, JOBS, sweep=sweep, jobs=at_once, grace=grace, ending=ending)


@app.command()
def stop() -> None:
    """Stop the embedded database, whoever uses it."""
    stopped = stop_embedded(read_settings())
    typer.echo("The embedded database is stopped." if stopped else "The embedded database was not running.")


@app.command("import")
def import_command(
    path: Annotated[Path, typer.Argument(help="An export folder, a fixtures folder, a file of documents or a sheet.")],
    mapping: Annotated[
        str | None, typer.Option(help="A saved column mapping, or a file with one (.yaml, .json).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; print what would change.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write what was left out here: .xlsx, .csv or .ndjson.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="End with 3 when a line was left out.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take a catalogue or a sheet in. The same content again resumes what was interrupted, and changes nothing else."""
    with installation() as here:
        rejected = _import(here, path, mapping, dry_run, report, as_json)
    if strict and rejected:
        raise typer.Exit(3)


@app.command()
def export(
    names: Annotated[list[str] | None, typer.Argument(help="Exports to render; none named: all.")] = None,
    as_of: Annotated[int | None, typer.Option(help="Render this revision; kept apart, never current.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Render everything; the bytes are the same.")] = False,
    as_json: AsJson = False,
) -> None:
    """Render feeds from one revision of the catalogue and publish them. What has not changed is copied."""
    with installation() as here:
        _export(here, names or [], as_of, full, as_json)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say how far the catalogue has come and which feeds are current."""
    from pim.catalog.store import count_product_models, count_products
    from pim.syndication import publication
    from pim.versioning.store import head_revision

    with installation() as here, here.database.session() as session:
        found = {
            "revision": head_revision(session),
            "products": count_products(session),
            "product_models": count_product_models(session),
            "exports": publication.status(session, here.storage, here.settings),
        }
    terminal.print_json(found) if as_json else terminal.print_status(found)


@app.command()
def history(
    code: Annotated[str, typer.Argument(help="A product's identifier or a product model's code.")],
    attribute: Annotated[str | None, typer.Argument(help="Only this attribute's value.")] = None,
    locale: Annotated[str | None, typer.Option(help="Of a localizable attribute.")] = None,
    scope: Annotated[str | None, typer.Option(help="Of a scopable attribute: the channel.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show who changed what of a product, or of one value, newest first."""
    from pim.versioning import history as log

    with installation() as here, here.database.session() as session:
        entity = log.find_entity(session, code)
        if attribute is None:
            entries = log.history(session, entity)
        else:
            entries = log.value_history(session, entity, attribute, locale, scope)
    terminal.print_json(entries) if as_json else terminal.print_history(entries)


@app.command()
def revert(
    revision: Annotated[int | None, typer.Argument(help="The changeset to take back.")] = None,
    import_id: Annotated[int | None, typer.Option("--import", help="Take back a whole import instead.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why; kept in the log.")] = None,
) -> None:
    """Take a changeset or an import back, as a new changeset. What changed since is told, never overwritten."""
    from pim.intake.store import mark_reverted
    from pim.versioning.derive import catch_up
    from pim.versioning.model import Origin
    from pim.versioning.revert import revert_changeset, revert_import

    if (revision is None) == (import_id is None):
        raise typer.BadParameter("give a revision, or --import with its number")
    origin = Origin(terminal.author(), "revert", reason)
    with installation() as here:
        with here.database.session() as session:
            if revision is not None:
                committed = revert_changeset(session, revision, origin, now())
            else:
                committed = revert_import(session, import_id or 0, origin, now())
                mark_reverted(session, import_id or 0)
        catch_up(here.database)
    typer.echo(
        f"Reverted in revision {committed.revision}." if committed.revision else "There was nothing to take back."
    )


@app.command()
def bench(
    figures: Annotated[list[str] | None, typer.Argument(help="import, render, history, api; none named: all.")] = None,
    products: Annotated[list[int] | None, typer.Option(help="Size of the generated catalogue; may repeat.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure this program against plain loops, in a scratch installation of its own."""
    from pim.bench.run import print_figures, run_bench

    for size in products or [10_000]:
        measured = run_bench(figures or [], size)
        terminal.print_json(measured) if as_json else print_figures(measured, size)


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


@exports.command("report")
def report_export(name: str, as_json: AsJson = False) -> None:
    """List the items that an export left out: field, rule, value, and the attribute to fix."""
    from pim.syndication.report import report

    with installation() as here, here.database.session() as session:
        found = report(session, here.storage, name)
    terminal.print_json(found) if as_json else terminal.print_report(found)


@exports.command("approve")
def approve_export(name: str) -> None:
    """Make a held publication current."""
    from pim.syndication.publication import approve

    with installation() as here:
        approved = approve(here.database, here.storage, name)
    typer.echo(f"Publication {approved.number} of {name} is current.")


@exports.command("reject")
def reject_export(name: str) -> None:
    """Drop a held publication; the current one stays."""
    from pim.syndication.publication import reject

    with installation() as here:
        rejected = reject(here.database, here.storage, name)
    typer.echo(f"Publication {rejected.number} of {name} is dropped.")


@exports.command("rollback")
def roll_back_export(
    name: str,
    to: Annotated[int | None, typer.Option(help="The publication to go back to; default: the one before.")] = None,
) -> None:
    """Make a kept publication current again, under a new number."""
    from pim.syndication.rollback import roll_back

    with installation() as here:
        rolled = roll_back(here.database, here.storage, name, to)
    typer.echo(f"Publication {rolled.number} of {name} is current: the files of {rolled.rollback_of} again.")


@user.command("create")
def create_user(
    username: str,
    role: Annotated[list[str], typer.Option(help="reader, editor, publisher or administrator; may repeat.")],
    view: Annotated[list[str] | None, typer.Option(help="See only these: locales=fr_FR,en_GB; may repeat.")] = None,
    edit: Annotated[list[str] | None, typer.Option(help="Edit only these: categories=tents; may repeat.")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")] = False,
) -> None:
    """Let somebody in. Without --password-stdin a password is made and printed, once."""
    from pim.access import accounts
    from pim.access.credentials import new_secret
    from pim.access.model import stored_reach
    from pim.versioning.store import current_structure

    password = sys.stdin.readline().rstrip("\n") if password_stdin else new_secret()
    limits = stored_reach(view or []), stored_reach(edit or [])
    with installation() as here, here.database.session() as session:
        accounts.create_user(session, username, password, role, now(), current_structure(session), *limits)
    typer.echo(f"User {username} ({', '.join(sorted(set(role)))}) is made.")
    if not password_stdin:
        typer.echo(f"password: {password}\nKeep it now; it is not shown again.")


@user.command("change")
def change_user(
    username: str,
    role: Annotated[list[str] | None, typer.Option(help="Instead of the roles there are; may repeat.")] = None,
    view: Annotated[list[str] | None, typer.Option(help="Instead of what is seen; '' lifts the limit.")] = None,
    edit: Annotated[list[str] | None, typer.Option(help="Instead of what is edited; '' lifts the limit.")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read a new one from stdin.")] = False,
    new_password: Annotated[bool, typer.Option("--new-password", help="Make a new one and print it.")] = False,
) -> None:
    """Give somebody other roles, limits or a password. A new password ends every sign-in made with the old one."""
    from pim.access import accounts
    from pim.access.credentials import new_secret
    from pim.access.model import stored_reach
    from pim.versioning.store import current_structure

    if password_stdin and new_password:
        raise typer.BadParameter("give --password-stdin or --new-password, not both")
    if not (role or view or edit or password_stdin or new_password):
        raise typer.BadParameter("say what changes: --role, --view, --edit, --password-stdin or --new-password")
    password = sys.stdin.readline().rstrip("\n") if password_stdin else new_secret() if new_password else None
    limits = [None if given is None else stored_reach([one for one in given if one]) for given in (view, edit)]
    with installation() as here, here.database.session() as session:
        accounts.change_user(session, username, current_structure(session), role, password, *limits)
    typer.echo(f"User {username} is changed.")
    if new_password:
        typer.echo(f"password: {password}\nKeep it now; it is not shown again.")


@user.command("list")
def list_users(as_json: AsJson = False) -> None:
    """List users with their roles and limits."""
    from pim.access import accounts

    with installation() as here, here.database.session() as session:
        users = accounts.list_users(session)
    terminal.print_json(users) if as_json else terminal.print_users(users)


@user.command("disable")
def disable_user(username: str) -> None:
    """Close the door: sign-ins are refused and tokens open nothing, from now on."""
    from pim.access import accounts

    with installation() as here, here.database.session() as session:
        accounts.disable_user(session, username, now())
    typer.echo(f"User {username} is disabled.")


@user.command("enable")
def enable_user(username: str) -> None:
    """Let somebody in again who was disabled."""
    from pim.access import accounts

    with installation() as here, here.database.session() as session:
        accounts.enable_user(session, username)
    typer.echo(f"User {username} may sign in again.")


@connection.command("create")
def create_connection(code: str, as_json: AsJson = False) -> None:
    """Make a client id and a secret for a program. The secret is printed once."""
    from pim.access import accounts

    with installation() as here, here.database.session() as session:
        client_id, secret = accounts.create_connection(session, code, now())
    if as_json:
        terminal.print_json({"code": code, "client_id": client_id, "secret": secret})
    else:
        typer.echo(f"client id: {client_id}\nsecret:    {secret}\nKeep the secret now; it is not shown again.")


@connection.command("list")
def list_connections(as_json: AsJson = False) -> None:
    """List connections with their client ids."""
    from pim.access import accounts

    with installation() as here, here.database.session() as session:
        connections = accounts.list_connections(session)
    terminal.print_json(connections) if as_json else terminal.print_connections(connections)


@connection.command("disable")
def disable_connection(code: str) -> None:
    """Refuse a program: its tokens open nothing, from now on."""
    from pim.access import accounts

    with installation() as here, here.database.session() as session:
        accounts.disable_connection(session, code, now())
    typer.echo(f"Connection {code} is disabled.")


@mappings.command("list")
def list_mappings(as_json: AsJson = False) -> None:
    """List saved column mappings."""
    from pim.intake.sheets import store

    with installation() as here, here.database.session() as session:
        found = [store.as_document(row) for row in store.list_mappings(session)]
    terminal.print_json(found) if as_json else terminal.print_mappings(found)


@mappings.command("show")
def show_mapping(code: str, as_json: AsJson = False) -> None:
    """Print a saved column mapping, as YAML that can be edited and saved again."""
    from pim.intake.sheets import mapping_file, store

    with installation() as here, here.database.session() as session:
        mapping = store.get_mapping(session, code)
    terminal.print_json(mapping.as_document()) if as_json else typer.echo(mapping_file.as_yaml(mapping), nl=False)


@mappings.command("suggest")
def suggest_mapping(
    path: Annotated[Path, typer.Argument(help="Somebody's sheet: CSV or a workbook.")],
    code: Annotated[str | None, typer.Option(help="A name for the column mapping; none: that of the file.")] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook; none: the first.")] = None,
) -> None:
    """Print a column mapping for a sheet, guessed from its headers and cells, to be read over and saved."""
    from pim.intake.sheets import mapping_file
    from pim.intake.sheets.suggest import suggest_mapping
    from pim.versioning.store import current_structure

    with installation() as here, here.database.session() as session:
        mapping = suggest_mapping(path, current_structure(session), code or mapping_file.code_for(path), sheet)
    typer.echo(mapping_file.as_yaml(mapping), nl=False)


@mappings.command("check")
def check_mapping(path: Path) -> None:
    """Check a column mapping (.yaml, .json) against the catalogue; nothing is saved."""
    with installation() as here:
        mapping = _mapping(here, str(path))
    typer.echo(f"{path}: as it should be, {len(mapping.columns)} columns.")


@mappings.command("save")
def save_mapping(
    path: Annotated[Path, typer.Argument(help="A column mapping (.yaml, .json).")],
    code: Annotated[str | None, typer.Option(help="Its name, instead of the one in the file.")] = None,
) -> None:
    """Check a column mapping and save it under its code, in place of the one there is."""
    from msgspec.structs import replace

    from pim.intake.sheets import store

    with installation() as here:
        mapping = _mapping(here, str(path))
        mapping = replace(mapping, code=code or mapping.code or path.stem)
        with here.database.session() as session:
            is_new = store.save_mapping(session, mapping, terminal.author(), now())
    typer.echo(f"Column mapping {mapping.code} is {'saved' if is_new else 'replaced'}.")


@mappings.command("delete")
def delete_mapping(code: str) -> None:
    """Delete a saved column mapping. What was imported by it stays."""
    from pim.intake.sheets import store

    with installation() as here, here.database.session() as session:
        store.delete_mapping(session, code)
    typer.echo(f"Column mapping {code} is deleted.")


@jobs.command("list")
def list_jobs(
    state: Annotated[list[str] | None, typer.Option(help="Only queued, running, done, …; may repeat.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Only import, run_exports, …; may repeat.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The newest so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List background work, newest first."""
    from pim.base.jobs import store

    with installation() as here, here.database.session() as session:
        rows = store.jobs(session, states=state or [], kinds=kind or [], limit=limit)
    terminal.print_json([row.model_dump() for row in rows]) if as_json else terminal.print_jobs(rows)


@jobs.command("show")
def show_job(job_id: int, as_json: AsJson = False) -> None:
    """Show one job: how far it is, what came of it."""
    from pim.base.jobs import store

    with installation() as here, here.database.session() as session:
        row = store.get_job(session, job_id)
    terminal.print_json(row.model_dump()) if as_json else terminal.print_job(row)


@jobs.command("cancel")
def cancel_job(job_id: int) -> None:
    """Stop a job: before it begins, or where it may be left."""
    from pim.base.jobs import cancel_job
    from pim.base.jobs.model import CANCELLED

    with installation() as here, here.database.session() as session:
        row = cancel_job(session, job_id)
    typer.echo(f"Job {job_id} is cancelled." if row.state == CANCELLED else f"Job {job_id} stops in a moment.")


@products.command("export")
def export_products(
    path: Annotated[Path, typer.Argument(help="The sheet to write: .xlsx or .csv.")],
    search: Annotated[str | None, typer.Option(help="Which products, in the grammar of the API.")] = None,
    family: Annotated[str | None, typer.Option(help="Only products of this family.")] = None,
    attributes: Annotated[str | None, typer.Option(help="Only these, with commas between them.")] = None,
    locales: Annotated[str | None, typer.Option(help="Only values in these, with commas between them.")] = None,
    scope: Annotated[str | None, typer.Option(help="Only values of these channels, with commas between them.")] = None,
    models: Annotated[bool, typer.Option("--models", help="Product models, too.")] = False,
    mapping: Annotated[str | None, typer.Option(help="Columns of a column mapping: its name, or a file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write products into a sheet that imports back without a change."""
    from pim.intake.sheets.model import OURS
    from pim.intake.sheets.write_products import Wanted, write_products

    wanted = Wanted(search, family, _codes(attributes), _codes(locales), _codes(scope), models)
    with installation() as here:
        written = write_products(here.database, path, wanted, _mapping(here, mapping) if mapping else OURS)
    terminal.print_json(written) if as_json else terminal.print_written(written)


def _codes(written: str | None) -> frozenset[str] | None:
    return frozenset(code.strip() for code in written.split(",") if code.strip()) if written else None


def _import(
    here: Installation,
    path: Path,
    mapping_name: str | None = None,
    dry_run: bool = False,
    report_path: Path | None = None,
    as_json: bool = False,
) -> int:
    """How many lines were left out."""
    from pim.intake.import_path import import_path
    from pim.intake.report import summary_lines
    from pim.intake.sheets.report import Report

    mapping = _mapping(here, mapping_name) if mapping_name else None
    report = Report(report_path) if report_path else None
    with terminal.import_progress(show_changes=dry_run and not as_json, report=report) as watch:
        summary = import_path(
            here.database, here.storage, path,
            author=terminal.author(), home=here.settings.home, watch=watch, dry_run=dry_run, mapping=mapping,
        )  # fmt: skip
    if report:
        report.write(path, mapping)
    if as_json:
        terminal.print_json(summary)
    else:
        typer.echo("\n".join(summary_lines(summary)))
    return summary.total("rejected")


def _mapping(here: Installation, name: str) -> "ColumnMapping":
    """A saved column mapping, or the one in a file."""
    from pim.intake.sheets import mapping_file, store
    from pim.versioning.store import current_structure

    with here.database.session() as session:
        if mapping_file.is_file_name(name):
            return mapping_file.load_mapping(Path(name), current_structure(session))
        return store.get_mapping(session, name)


def _export(
    here: Installation,
    names: Sequence[str] = (),
    as_of: int | None = None,
    full: bool = False,
    as_json: bool = False,
) -> None:
    from pim.syndication.run_export import run_exports

    with terminal.export_progress() as progress:
        result = run_exports(
            here.database, here.storage, here.settings, names, as_of=as_of, full=full, progress=progress
        )
    terminal.print_json(result) if as_json else terminal.print_run(result)
    if result.failed:
        raise typer.Exit(1)


def _serve(here: Installation) -> None:
    from pim.app import bind, create_app, run_server
    from pim.base.child_processes import supervised

    command = [sys.executable, "-m", "pim.cli", "worker", "--as-child", "--grace", str(GRACE_BESIDE_SERVER)]
    set_up_logging(here.settings.log)
    with bind(here.settings) as socket, supervised(command, here.settings.serve_workers, GRACE_BESIDE_SERVER):
        typer.echo(f"Serving on {here.settings.public_url} (feeds: {here.settings.public_url}/feeds). Ctrl-C ends.")
        run_server(create_app(here.settings, here.database, here.storage), socket)


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


def main() -> None:
    """Runs the program; what a person can act on is told in a line (one a violation), without a traceback."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        set_up_logging(read_settings().log, logging.WARNING)
        app()
    except InvalidInput as error:
        _fail([violation.message for violation in error.violations])
    except PimError as error:
        _fail([str(error)])


def _fail(messages: list[Any]) -> None:
    for message in messages:
        sys.stderr.write(f"pim: {message}\n")
    raise SystemExit(1)


if __name__ == "__main__":
    main()
