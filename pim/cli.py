"""The command line: wires rooms together, decides nothing. Data goes to stdout, errors are a line on stderr."""

import logging
import signal
import sys
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer

from pim import __version__, terminal
from pim.base.clock import now
from pim.base.embedded import stop_embedded
from pim.base.errors import InvalidInput, PimError
from pim.base.installation import Installation, installation
from pim.base.logs import set_up_logging
from pim.base.settings import data_folder, read_settings
from pim.commands import access, backup, bench, deliveries, drafts, exports, feedback, jobs, search, sheets
from pim.commands.sheets import mapping_named
from pim.terminal import AsJson

GRACE_BESIDE_SERVER = 3.0
"""Seconds: whoever presses Ctrl-C does not wait for an export to end."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="One catalogue, consistent feeds everywhere.",
)
app.command("export")(exports.export)
app.add_typer(exports.exports, name="exports")
app.add_typer(access.user, name="user")
app.add_typer(access.connection, name="connection")
app.add_typer(sheets.mappings, name="mappings")
app.add_typer(drafts.draft, name="draft")
app.add_typer(jobs.jobs, name="jobs")
app.add_typer(sheets.products, name="products")
app.command("search")(search.search)
app.add_typer(search.searches, name="searches")
app.add_typer(deliveries.deliveries, name="deliveries")
app.add_typer(feedback.feedback, name="feedback")
app.command()(deliveries.deliver)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(bench.bench)


@app.command()
def demo(
    serve_feeds: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the feeds afterwards.")] = True,
) -> None:
    """Load the demo catalogue, render every export, and serve the feeds."""
    with installation() as here:
        _import(here, data_folder("fixtures"))
        exports.render(here)
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
    from pim.background import JOBS, sweep, tick
    from pim.base.child_processes import end_with_parent
    from pim.base.jobs.worker import run_worker

    ending = Event()
    if as_child:
        end_with_parent(ending, grace)
    with installation() as here:
        set_up_logging(here.settings.log)
        if not as_child:
            typer.echo("Waiting for jobs. Ctrl-C ends.")
        run_worker(here, JOBS, sweep=sweep, tick=tick, jobs=at_once, grace=grace, ending=ending)


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
def status(as_json: AsJson = False) -> None:
    """Say how far the catalogue has come and which feeds are current."""
    from pim.catalog.store import count_product_models, count_products
    from pim.delivery.schedules.state import schedule_states
    from pim.syndication import publication
    from pim.versioning.store import head_revision

    with installation() as here, here.database.session() as session:
        found = {
            "revision": head_revision(session),
            "products": count_products(session),
            "product_models": count_product_models(session),
            "exports": publication.status(session, here.storage, here.settings),
            "schedules": schedule_states(session, here.settings, now()),
        }
    terminal.print_json(found) if as_json else terminal.print_status(found)


@app.command("audit")
def audit_command(
    product: Annotated[str | None, typer.Argument(help="Only what is said of this product.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compare what the current publications say of each product. Ends with 3 when they contradict one another."""
    from pim.syndication.audit import audit

    with installation() as here, here.database.snapshot_session() as session:
        found = audit(session, here.storage, here.settings, product)
    terminal.print_json(found) if as_json else terminal.print_audit(found)
    if not found.is_clean:
        raise typer.Exit(3)


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
def prices(
    code: Annotated[str, typer.Argument(help="A product's identifier or a product model's code.")],
    attribute: Annotated[str | None, typer.Argument(help="Which price; none: `price`, or the only one.")] = None,
    locale: Annotated[str | None, typer.Option(help="Of a localizable price.")] = None,
    scope: Annotated[str | None, typer.Option(help="Of a scopable price: the channel.")] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="For the lowest price: of how many days.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Show what a price was when, its lowest of the last days, and the lowest before a reduction."""
    from pim.versioning.history import find_priced
    from pim.versioning.price_history import price_cell, price_history
    from pim.versioning.store import current_structure

    with installation() as here, here.database.snapshot_session() as session:
        cell = price_cell(current_structure(session), attribute, locale, scope)
        found = price_history(session, find_priced(session, code), cell, now(), days)
    terminal.print_json(found) if as_json else terminal.print_prices(found, days)


@app.command()
def diff(
    old: Annotated[
        str | None, typer.Argument(metavar="FROM", help="A revision, day or moment; none: before TO.")
    ] = None,
    new: Annotated[str | None, typer.Argument(metavar="TO", help="The same; none: now.")] = None,
    entity: Annotated[str | None, typer.Option(help="Only this: product/LIV-CAR, attribute_option/color/red.")] = None,
    attribute: Annotated[str | None, typer.Option(help="Only values of this attribute.")] = None,
    family: Annotated[str | None, typer.Option(help="Only products and product models of this family.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Show so many; the summary counts all. JSON has all.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what differs between two revisions or dates, value by value, texts word by word."""
    from pim.versioning import compare
    from pim.versioning.moments import two_revisions
    from pim.versioning.names import ids_named

    with installation() as here, here.database.snapshot_session() as session:
        ends = two_revisions(session, old, new)
        entities = ids_named(session, entity, "entity") if entity is not None else None
        between = compare.Between(*ends, entities, attribute, family)
        found = compare.read_diff(session, between, None if as_json else limit)
    terminal.print_json(found) if as_json else terminal.print_diff(found)


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

    mapping = mapping_named(here, mapping_name) if mapping_name else None
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


def _serve(here: Installation) -> None:
    from pim.app import bind, create_app, follow_searches, run_server
    from pim.base.child_processes import supervised

    command = [sys.executable, "-m", "pim.cli", "worker", "--as-child", "--grace", str(GRACE_BESIDE_SERVER)]
    set_up_logging(here.settings.log)
    with bind(here.settings) as socket, supervised(command, here.settings.serve_workers, GRACE_BESIDE_SERVER):
        typer.echo(f"Serving on {here.settings.public_url} (feeds: {here.settings.public_url}/feeds). Ctrl-C ends.")
        application = create_app(here.settings, here.database, here.storage)
        follow_searches(application)
        run_server(application, socket)


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
