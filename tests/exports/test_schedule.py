"""When a schedule is due: by the clocks of its time zone, also where these are put forward and back."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pim.exports.located_yaml import Located
from pim.exports.schedule import Schedule, as_schedule, check_schedule, latest_slot, next_slot

PARIS = "Europe/Paris"
CRONS = ["30 2 * * *", "*/20 * * * *", "15 3 * * SUN", "0 */5 * * *", "0 2 29 * *", "30 1,2,3 * * *"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slots(cron: str, start: datetime, end: datetime) -> list[datetime]:
    found: list[datetime] = []
    while (slot := next_slot(Schedule(cron=[cron]), PARIS, found[-1] if found else start)) is not None and slot <= end:
        found.append(slot)
    return found


@pytest.mark.parametrize(
    ("cron", "day", "expected"),
    [
        ("30 2 * * *", "2026-03-29", ["01:00"]),  # there is no half past two: at three
        ("30 2 * * *", "2026-10-25", ["00:30"]),  # there are two: at the first
        ("0,30 2 * * *", "2026-03-29", ["01:00"]),
        ("0 2,3 * * *", "2026-10-25", ["00:00", "02:00"]),
        ("0 3 * * *", "2026-06-01", ["01:00"]),
    ],
)
def test_a_time_that_clocks_leave_out_or_show_twice_comes_once(cron: str, day: str, expected: list[str]) -> None:
    start = at(f"{day}T00:00") - timedelta(hours=1)
    assert [f"{slot:%H:%M}" for slot in slots(cron, start, start + timedelta(hours=20))] == expected


def test_every_half_hour_is_every_half_hour_that_passes() -> None:
    for day in ("2026-03-29", "2026-10-25", "2026-06-01"):
        start = at(f"{day}T00:00")
        assert len(slots("*/30 * * * *", start, start + timedelta(hours=6))) == 12


@given(
    cron=st.sampled_from(CRONS),
    start=st.datetimes(datetime(2026, 3, 20), datetime(2026, 11, 5)),
    minutes=st.integers(0, 60 * 48),
)
def test_the_latest_slot_is_the_last_of_all_there_were(cron: str, start: datetime, minutes: int) -> None:
    after = start.replace(tzinfo=UTC)
    until = after + timedelta(minutes=minutes)
    found = slots(cron, after, until)
    assert latest_slot(Schedule(cron=[cron]), PARIS, after, until) == (found[-1] if found else None)
    assert found == sorted(set(found))


def test_years_of_missed_minutes_are_passed_over_at_once() -> None:
    every_minute = Schedule(cron=["* * * * *"])
    assert latest_slot(every_minute, PARIS, at("2001-01-01T00:00"), at("2026-01-01T00:00")) == at("2026-01-01T00:00")


def test_of_several_expressions_any_will_do() -> None:
    either = Schedule(cron=["0 6 * * *", "0 18 * * *"])
    assert next_slot(either, PARIS, at("2026-06-01T05:00")) == at("2026-06-01T16:00")
    assert latest_slot(either, PARIS, at("2026-06-01T00:00"), at("2026-06-01T17:00")) == at("2026-06-01T16:00")
    assert next_slot(Schedule(after=["import"]), PARIS, at("2026-06-01T05:00")) is None


def test_a_time_zone_far_away_has_its_own_midnight() -> None:
    found = next_slot(Schedule(cron=["0 0 * * *"]), "Pacific/Auckland", at("2026-06-01T00:00"))
    assert found is not None
    assert found.astimezone(ZoneInfo("Pacific/Auckland")).hour == 0


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"cron": "0 25 * * *"}, "`0 25 * * *` is no time for a schedule: bad hour"),
        ("0 3 * *", "it has not five fields"),
        ("0 0 30 2 *", "bad day-of-month"),
        ({"timezone": PARIS}, "a schedule says `cron`, or what it comes `after`"),
        ({"cron": "0 3 * * *", "timezone": "Europe/Parys"}, "unknown time zone `Europe/Parys`"),
        ({"cron": ["0 3 * * *"], "after": ["import", "release"]}, None),
    ],
)
def test_a_schedule_that_means_nothing_is_told(written: object, message: str | None) -> None:
    schedule = Schedule(**as_schedule(written))
    told = [violation.message for violation in check_schedule(schedule, Located("demo/export.yaml", {}))]
    assert told == [] if message is None else message in told[0]
