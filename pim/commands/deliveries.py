"""`pim deliver` and `pim deliveries`: publications handed over to their destinations."""

from typing import Annotated

import typer

from pim import terminal
from pim.base.clock import now
from pim.base.installation import installation
from pim.terminal import AsJson

deliveries = typer.Typer(no_args_is_help=True, help="Look after deliveries to destinations.")


def deliver(
    names: Annotated[list[str] | None, typer.Argument(metavar="[EXPORT]...", help="None named: all.")] = None,
    to: Annotated[list[str] | None, typer.Option(help="Only to this destination; may repeat.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Also what has been delivered, under the same names.")] = False,
    as_json: AsJson = False,
) -> None:
    """Deliver the current publications to their destinations, now. Ends with 1 when one has not arrived."""
    from pim.delivery.attempt import summary
    from pim.delivery.deliver import deliver_now
    from pim.delivery.model import DELIVERED

    with installation() as here, terminal.delivery_progress() as told:
        rows = deliver_now(here, names or [], to or [], by=terminal.author(), again=again, told=told)
    terminal.print_json([summary(row) for row in rows]) if as_json else terminal.print_deliveries(rows)
    if any(row.state != DELIVERED for row in rows):
        raise typer.Exit(1)


@deliveries.command("list")
def list_deliveries(
    names: Annotated[list[str] | None, typer.Argument(metavar="[EXPORT]...")] = None,
    to: Annotated[list[str] | None, typer.Option(help="Only to this destination; may repeat.")] = None,
    state: Annotated[list[str] | None, typer.Option(help="Only waiting, sending, failed, …; may repeat.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The newest so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List deliveries, newest first, and the destinations that are paused."""
    from pim.delivery import store

    with installation() as here, here.database.session() as session:
        rows = session.scalars(store.deliveries(names or [], to or [], state or []).limit(limit)).all()
        paused = store.all_paused(session)
    if as_json:
        terminal.print_json(
            {"deliveries": [row.model_dump() for row in rows], "paused": [p.model_dump() for p in paused]}
        )
    else:
        terminal.print_deliveries(rows)
        terminal.print_paused(paused)


@deliveries.command("show")
def show_delivery(delivery_id: int, as_json: AsJson = False) -> None:
    """Show one delivery: its files under the names they have there, and every attempt."""
    from pim.delivery import store

    with installation() as here, here.database.session() as session:
        row = store.get_delivery(session, delivery_id)
        attempts = store.attempts(session, delivery_id)
    if as_json:
        terminal.print_json({**row.model_dump(), "attempt_log": [one.model_dump() for one in attempts]})
    else:
        terminal.print_delivery(row, attempts)


@deliveries.command("retry")
def retry(delivery_id: int) -> None:
    """Have a delivery tried again by a worker, at once, under the same names."""
    from pim.delivery.retry import retry_delivery

    with installation() as here, here.database.session() as session:
        row = retry_delivery(session, delivery_id, by=terminal.author(), at=now())
    typer.echo(f"Delivery {row.id} of {row.export} to {row.destination} is due; a worker sends it.")


@deliveries.command("resume")
def resume_destination(export: str, destination: str) -> None:
    """Let deliveries go to a paused destination again, beginning with what has not arrived."""
    from pim.delivery.circuit import resume

    with installation() as here, here.database.session() as session:
        rows = resume(session, export, destination, by=terminal.author(), at=now())
    due = ", ".join(str(row.id) for row in rows)
    typer.echo(f"{destination} of {export} goes on" + (f"; a worker sends delivery {due}." if rows else "."))


@deliveries.command("pause")
def pause_destination(
    export: str,
    destination: str,
    comment: Annotated[str | None, typer.Option(help="Why; kept on record.")] = None,
) -> None:
    """Let nothing go to a destination until it is resumed."""
    from pim.delivery.circuit import PAUSED_BY_HAND, pause
    from pim.delivery.destinations import require_destination

    with installation() as here, here.database.session() as session:
        require_destination(here.settings, export, destination)
        pause(session, export, destination, reason=comment or PAUSED_BY_HAND, by=terminal.author(), at=now())
    typer.echo(f"Nothing goes to {destination} of {export} until it is resumed.")
