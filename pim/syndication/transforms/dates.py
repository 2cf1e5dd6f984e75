"""Transforms of dates. A value of type date is a day: it begins and ends in the export's time zone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import date as Date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from pim.syndication.context import MappingContext


@lru_cache(maxsize=4096)
def day_of(value: str) -> Date | None:
    """The day of `YYYY-MM-DD`, whatever time follows it."""
    try:
        return Date.fromisoformat(value[:10])
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def midnight(value: str, zone: ZoneInfo, days: int = 0) -> datetime | None:
    """The instant at which the day (or one so many days later) begins in `zone`."""
    day = day_of(value)
    if day is None:
        return None
    day += timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def date(context: MappingContext) -> Callable[[Any], str | None]:
    return lambda value: day.isoformat() if (day := day_of(str(value))) else None


def instant(context: MappingContext, days: int = 0) -> Callable[[Any], str | None]:
    """A fact like $updated already is an instant and stays what it is. A last day is over with `days` = 1."""
    zone = context.zone

    def step(value: Any) -> str | None:
        text = str(value)
        begins = None if text.endswith("Z") else midnight(text, zone, days)
        return text if text.endswith("Z") else instant_text(begins) if begins else None

    return step


def instant_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def date_text(context: MappingContext) -> Callable[[Any], str | None]:
    locale = context.locale
    return lambda value: str(format_date(day, "long", locale=locale)) if (day := day_of(str(value))) else None


def year(context: MappingContext) -> Callable[[Any], int | None]:
    return lambda value: day.year if (day := day_of(str(value))) else None


def period_text(start: str, end: str, zone: ZoneInfo) -> str | None:
    """`start/end`: from the first day's midnight to the last second of the last day, both with their offset."""
    begins, after = midnight(start, zone), midnight(end, zone, 1)
    if begins is None or after is None or begins >= after:
        return None
    last = (after.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone)
    return f"{begins.isoformat()}/{last.isoformat()}"
