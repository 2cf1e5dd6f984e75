"""Background work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pim.terminal.shown import console, new_table, shortened

if TYPE_CHECKING:  # importing these costs more than most commands take
    from pim.base.jobs.tables import JobRow


def print_jobs(rows: Sequence[JobRow]) -> None:
    table = new_table("job>", "kind", "who", "state", "progress", "asked for (UTC)", "error")
    for row in rows:
        asked = f"{row.created:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(row.id), row.kind, row.author, row.state, _progress(row), asked, shortened(row.error, 80))
    console().print(table)


def print_job(row: JobRow) -> None:
    out = console()
    out.print(f"Job {row.id}, {row.kind}, asked for by {row.author}: {row.state}", highlight=False, markup=False)
    moments = {"asked for": row.created, "begun": row.started, "ended": row.finished}
    lines = {name: f"{at:%Y-%m-%d %H:%M:%S} UTC" for name, at in moments.items() if at}
    lines |= {"arguments": shortened(row.arguments, 150), "progress": _progress(row), "error": row.error or ""}
    lines |= {
        "worker": f"{row.worker}, attempt {row.attempts}" if row.worker else "",
        "result": shortened(row.result, 1000),
    }
    for name, text in lines.items():
        if text:
            out.print(f"{name:10} {text}", highlight=False, markup=False)


def _progress(row: JobRow) -> str:
    done = f"{row.done:,}" + (f" of {row.total:,}" if row.total is not None else "")
    return f"{row.what}: {done}" if row.what else ""
