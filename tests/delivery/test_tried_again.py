"""When a delivery is tried again, and what the other side has to say in it."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pim.delivery import store
from pim.delivery.deliver import deliver_now
from pim.delivery.model import LONGEST_ASKED, LONGEST_WAIT, seconds_to_wait
from tests.delivery.makers import a_folder, attempt, delivering, in_session, outcomes, publish, rows
from tests.delivery.receiver import Receiver, receiving
from tests.makers import NOW

ASKED = st.one_of(st.none(), st.floats(0, 10 * LONGEST_ASKED))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@given(number=st.integers(1, 100), asked=ASKED, seed=st.integers())
def test_waits_grow_to_an_hour_and_never_end_before_the_other_side_asked(number, asked, seed):
    wait = seconds_to_wait(number, asked, Random(seed))
    least = min(asked or 0, LONGEST_ASKED)
    assert least <= wait <= max(LONGEST_WAIT, least)
    assert seconds_to_wait(number + 1, None, Random(seed)) >= seconds_to_wait(number, None, Random(seed))


def test_who_is_too_busy_or_broken_gets_it_later_under_the_same_name(settings, database, receiver):
    partner = {"name": "partner", "transport": "http", "url": receiver.url + "/{file}", "files": ["all.json"]}
    here = delivering(settings, database, {**partner, "file_name": "{number}-{time}.json"})
    receiver.answers = [(429, {"Retry-After": "7200"}), (500, {})]
    (row,) = publish(here)
    busy, broken, taken = (attempt(here, row, later=later) for later in (0, 7200, 9000))
    assert busy.next_at == NOW + timedelta(hours=2)
    assert "answers 500 Internal Server Error: said so" in broken.error
    assert (taken.state, outcomes(here, row)) == ("delivered", ["try_again", "try_again", "delivered"])
    assert {came.path for came in receiver.received} == {"/1-120000.json"}
    assert len({came.headers["idempotency-key"] for came in receiver.received}) == 1


def test_what_a_person_sends_once_more_is_no_repetition_for_the_other_side(settings, database, receiver):
    partner = {"name": "partner", "transport": "http", "url": receiver.url + "/{file}", "files": ["all.json"]}
    here = delivering(settings, database, partner)
    attempt(here, publish(here)[0])
    deliver_now(here, by="camille", again=True)
    assert len({came.headers["idempotency-key"] for came in receiver.received}) == 2


def test_attempts_say_how_many_bytes_went_how_long_and_what_was_answered(settings, database, receiver):
    here = delivering(settings, database, {"name": "p", "transport": "http", "url": receiver.url + "/{file}"})
    (row,) = publish(here)
    attempt(here, row)
    (tried,) = in_session(here, lambda session: store.attempts(session, row.id))
    assert tried.bytes == sum(len(came.body) for came in receiver.received)
    assert (tried.files, tried.answer, tried.seconds > 0) == (5, "201 Created: thank you", True)


def test_old_deliveries_are_forgotten_but_those_of_what_is_current(settings, database, there):
    here = delivering(settings, database, a_folder(there))
    attempt(here, publish(here)[0])
    attempt(here, publish(here, "C")[1])
    in_session(here, lambda session: store.sweep_deliveries(session, NOW + timedelta(days=1)))
    assert [row.number for row in rows(here)] == [2]
