"""When an export runs by itself. Pure: whoever asks says what time it is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from cronsim import CronSim, CronSimError

from pim.base.errors import Violation
from pim.exports.located_yaml import Located, YamlPath

IMPORT, RELEASE = "import", "release"

_SECOND = timedelta(seconds=1)


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """`cron` are expressions of five fields in `timezone`, the export's own where none is said; any of them will do.
    `after` says what else the export follows: imports that end, drafts that are applied (or end)."""

    cron: list[str] = []
    timezone: str | None = None
    after: list[Literal["import", "release"]] = []


def as_schedule(written: Any) -> Any:
    """A schedule as export.yaml has it, in full: `0 3 * * *` is short for `{cron: ["0 3 * * *"]}`."""
    if isinstance(written, str):
        return {"cron": [written]}
    if isinstance(written, dict) and isinstance(written.get("cron"), str):
        return {**written, "cron": [written["cron"]]}
    return written


def check_schedule(schedule: Schedule | None, export: Located) -> Iterator[Violation]:
    at: YamlPath = ("schedule",)
    if schedule is None:
        return
    if not schedule.cron and not schedule.after:
        yield export.violation(at, "empty", "a schedule says `cron`, or what it comes `after`; or leave it out")
    for expression in schedule.cron:
        if (problem := _problem(expression)) is not None:
            message = f"`{expression}` is no time for a schedule: {problem}; write minute, hour, day, month, weekday"
            yield export.violation(at, "cron", f'{message} like "30 3 * * MON-FRI"')
    if schedule.timezone is not None and not is_zone(schedule.timezone):
        message = f"unknown time zone `{schedule.timezone}`; use an IANA name like Europe/Paris"
        yield export.violation((*at, "timezone"), "unknown_timezone", message)


def is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


def next_slot(schedule: Schedule, zone: str, after: datetime) -> datetime | None:
    """The first instant behind `after` at which the export is due, in UTC; None when that is never."""
    found = (_first(expression, ZoneInfo(zone), after) for expression in schedule.cron)
    return min((slot for slot in found if slot is not None), default=None)


def latest_slot(schedule: Schedule, zone: str, after: datetime, until: datetime) -> datetime | None:
    """The last instant in (after, until] at which the export was due, however many there were."""
    found = (_last(expression, ZoneInfo(zone), after, until) for expression in schedule.cron)
    return max((slot for slot in found if slot is not None), default=None)


def _first(expression: str, zone: ZoneInfo, after: datetime) -> datetime | None:
    return next((slot for slot in _slots(expression, zone, after) if slot > after), None)


def _last(expression: str, zone: ZoneInfo, after: datetime, until: datetime) -> datetime | None:
    """Looked for from the last one that no clock was put forward over, so that a long pause costs no long search."""
    before = CronSim(expression, (until + _SECOND).astimezone(zone), reverse=True)
    start = max(after, next(before, after).astimezone(UTC) - _SECOND)
    last = None
    for slot in _slots(expression, zone, start):
        if slot > until:
            return last
        last = slot if slot > after else last
    return last


def _slots(expression: str, zone: ZoneInfo, start: datetime) -> Iterator[datetime]:
    """In order. A time that clocks leave out is the first one after it; of one that they show twice, the first counts
    (which may be before `start`). Every minute or hour is every one that passes, whatever clocks show."""
    return (slot.astimezone(UTC) for slot in CronSim(expression, start.astimezone(zone)))


def _problem(expression: str) -> str | None:
    if len(expression.split()) != 5:
        return "it has not five fields"
    try:
        never = next(CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC)), None) is None
    except CronSimError as error:
        return str(error)[:1].lower() + str(error)[1:]
    return "there is no such day" if never else None
