"""Automatic runs as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pim.terminal.shown import console, new_table, shortened

if TYPE_CHECKING:  # importing these costs more than most commands take
    from pim.delivery.schedules.state import ScheduleState


def print_schedules(states: Sequence[ScheduleState]) -> None:
    """When by the clocks of the schedule's own time zone."""
    table = new_table("export", "schedule", "time zone", "next run", "last run", "remark")
    for state in states:
        zone = ZoneInfo(state.timezone)
        when = "; ".join([*state.cron, *(f"after {what}" for what in state.after)])
        last = f"{_shown(state.last_run.due, zone)} {state.last_run.state or ''}" if state.last_run else "none yet"
        table.add_row(
            state.export, when, state.timezone, _shown(state.next_run, zone), last.strip(), _remark(state, zone)
        )
    console().print(table) if states else console().print("No export has a schedule.")


def _remark(state: ScheduleState, zone: ZoneInfo) -> str:
    if state.paused is not None:
        why = f": {state.paused.comment}" if state.paused.comment else ""
        return f"paused by {state.paused.by} since {_shown(state.paused.at, zone)}{why}"
    if state.waits_for is not None:
        return f"due since {_shown(state.due_since, zone)}, waits for {state.waits_for}"
    return shortened(state.last_run.message, 90) if state.last_run else ""


def _shown(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else ""
