"""Users and connections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pim.terminal.shown import console, new_table

if TYPE_CHECKING:  # importing these costs more than most commands take
    pass


def print_users(users: Sequence[Mapping[str, Any]]) -> None:
    table = new_table("user", "roles", "sees only", "edits only", "since (UTC)", "disabled (UTC)")
    for one in users:
        limits = (
            ", ".join(f"{name}={','.join(codes)}" for name, codes in one[kind].items()) for kind in ("view", "edit")
        )
        table.add_row(one["username"], ", ".join(one["roles"]), *limits, *_since(one))
    console().print(table)


def print_connections(connections: Sequence[Mapping[str, Any]]) -> None:
    table = new_table("connection", "client id", "since (UTC)", "disabled (UTC)")
    for one in connections:
        table.add_row(one["code"], one["client_id"], *_since(one))
    console().print(table)


def _since(row: Mapping[str, Any]) -> tuple[str, str]:
    """When it was made, and disabled."""
    return f"{row['created']:%Y-%m-%d %H:%M}", f"{row['disabled']:%Y-%m-%d %H:%M}" if row["disabled"] else ""
