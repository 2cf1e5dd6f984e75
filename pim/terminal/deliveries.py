"""Deliveries and paused destinations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from pim.terminal.shown import console, new_table, shortened

if TYPE_CHECKING:  # importing these costs more than most commands take
    from pim.delivery.tables import DeliveryAttemptRow, DeliveryRow, PausedDestinationRow


@contextmanager
def delivery_progress() -> Iterator[Callable[[DeliveryRow, int, int, str], None]]:
    """On standard error, and only for people."""
    with Console(stderr=True).status("") as status:

        def told(row: DeliveryRow, done: int, total: int, what: str) -> None:
            status.update(f"{row.export} → {row.destination}: {what} ({done} of {total} arrived)")

        yield told


def print_deliveries(rows: Sequence[DeliveryRow]) -> None:
    table = new_table("delivery>", "export", "destination", "publication>", "state", "files", "attempts>", "next (UTC)",
                      "error")  # fmt: skip
    for row in rows:
        due = f"{row.next_at:%Y-%m-%d %H:%M:%S}" if row.next_at else ""
        publication = f"{row.number} {row.part}".strip()
        files = f"{row.sent:,} of {len(row.files):,}"
        table.add_row(
            str(row.id), row.export, row.destination, publication, row.state, files, str(row.attempts), due,
            shortened(row.error, 100),
        )  # fmt: skip
    console().print(table if rows else "There is nothing to deliver.", highlight=False)


def print_paused(rows: Sequence[PausedDestinationRow]) -> None:
    for row in rows:
        console().print(
            f"Paused since {row.paused_at:%Y-%m-%d %H:%M} UTC by {row.author}: {row.destination} of {row.export} "
            f"({row.reason})\n  pim deliveries resume {row.export} {row.destination}",
            highlight=False, markup=False, soft_wrap=True,
        )  # fmt: skip


def print_delivery(row: DeliveryRow, attempts: Sequence[DeliveryAttemptRow]) -> None:
    out = console()
    out.print(
        f"Delivery {row.id}: publication {row.number} of {row.export} to {row.destination}: {row.state}",
        highlight=False, markup=False,
    )  # fmt: skip
    if row.error:
        out.print(f"  {row.error}", highlight=False, markup=False, soft_wrap=True)
    files = new_table("file there", "bytes>", "sha256", "arrived")
    for index, parcel in enumerate(row.files):
        size = parcel.get("bytes")
        files.add_row(parcel["name"], f"{size:,}" if size is not None else "", parcel.get("sha256", ""),
                      "yes" if index < row.sent else "no")  # fmt: skip
    tries = new_table("begun (UTC)", "seconds>", "files>", "bytes>", "outcome", "answer")
    for one in attempts:
        seconds = f"{one.seconds:.2f}" if one.seconds is not None else ""
        tries.add_row(f"{one.started_at:%Y-%m-%d %H:%M:%S}", seconds, str(one.files), f"{one.bytes:,}",
                      one.outcome or "going on", shortened(one.answer, 120))  # fmt: skip
    out.print(files, tries, sep="\n\n")
