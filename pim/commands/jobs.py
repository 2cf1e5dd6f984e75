"""`pim jobs`: background work, seen and stopped."""

from typing import Annotated

import typer

from pim import terminal
from pim.base.errors import NotFound, known
from pim.base.installation import installation
from pim.terminal import AsJson

jobs = typer.Typer(no_args_is_help=True, help="Look after background work.")


@jobs.command("list")
def list_jobs(
    state: Annotated[list[str] | None, typer.Option(help="Only queued, running, done, …; may repeat.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Only import, run_exports, …; may repeat.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The newest so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List background work, newest first."""
    from pim.background import JOBS
    from pim.base.jobs import store

    if unknown := [one for one in kind or () if one not in JOBS]:
        raise NotFound(f"there is no kind of job `{unknown[0]}`; {known(JOBS)}")
    with installation() as here, here.database.session() as session:
        rows = session.scalars(store.jobs_of(states=state or [], kinds=kind or []).limit(limit)).all()
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
