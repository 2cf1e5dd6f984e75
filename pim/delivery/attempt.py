"""One attempt at a delivery, by a worker's job or at a person's keyboard.

1. Take the destination's lock: nobody else sends there, and an attempt that is still open died with its process.
2. Look whether there is anything to do: not for what was delivered, is paused, or has a newer publication behind it.
3. Send what has not arrived, parcel by parcel, and note each.
4. Note how it ended: delivered; to be tried again, later each time; or failed, which pauses the destination until a
   person has looked.
"""

import logging
import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import msgspec
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from pim.base.clock import Clock, now
from pim.base.errors import Conflict, PimError, TemporaryFailure
from pim.base.held_locks import HeldLocks
from pim.base.installation import Installation
from pim.base.jobs.model import HandedBack, JobStopped
from pim.delivery import store
from pim.delivery.circuit import pause
from pim.delivery.destinations import destination_called
from pim.delivery.model import (
    DELIVERED,
    FAILED,
    INTERRUPTED,
    SENDING,
    TRY_AGAIN,
    UNFINISHED,
    WAITING,
    ParcelPlan,
    seconds_to_wait,
)
from pim.delivery.parcel import open_parcel
from pim.delivery.plan import plan_parcels
from pim.delivery.tables import DeliveryAttemptRow, DeliveryRow
from pim.delivery.transports import open_transport
from pim.delivery.webhooks.tell import tell_delivered, tell_failed
from pim.exports.load import load_definition
from pim.syndication.store import current_publication, files_of, require_current

DESTINATION_LOCK = 7_461_020
"""Advisory locks: one process at a time sends to a destination."""

NOTE_EVERY = 1.0
"""Seconds between two notes of which parcels have arrived: a publication may have thousands."""

ANSWER_LENGTH = 1000

log = logging.getLogger("pim.delivery")

Told = Callable[[int, int, str], None]
"""Parcels that have arrived, of how many, and what is on its way. May raise JobStopped."""


def attempt_delivery(
    here: Installation,
    delivery_id: int,
    *,
    environment: Mapping[str, str] = os.environ,
    clock: Clock = now,
    told: Told = lambda done, total, what: None,
) -> DeliveryRow:
    """The delivery as it is afterwards; how it ended is in its state, not raised.

    Raises NotFound, Conflict when somebody else sends to that destination now, and what `told` raises.
    """
    with here.database.session() as session:
        row = store.get_delivery(session, delivery_id)
    with HeldLocks(here.database) as locks:
        if not locks.try_lock(DESTINATION_LOCK, f"{row.export}/{row.destination}"):
            raise Conflict(f"destination `{row.destination}` of export `{row.export}` is being delivered to; wait")
        attempt = _begin(here, delivery_id, clock)
        if attempt is not None:
            _Attempt(here, attempt, environment, clock, told).make()
    with here.database.session() as session:
        return store.get_delivery(session, delivery_id)


def _begin(here: Installation, delivery_id: int, clock: Clock) -> DeliveryAttemptRow | None:
    with here.database.session() as session:
        row = store.get_delivery(session, delivery_id, lock=True)
        store.close_open_attempts(session, row)
        if row.state not in UNFINISHED:
            return None
        current = current_publication(session, row.export)
        if current is None or current.number != row.number:
            store.mark_superseded(session, row, current.number if current else 0, clock())
            return None
        if store.paused(session, row.export, row.destination):
            row.state, row.job_id, row.next_at = WAITING, None, None
            return None
        row.state, row.attempts, row.next_at = SENDING, row.attempts + 1, None
        worker = f"{socket.gethostname()}:{os.getpid()}"
        attempt = DeliveryAttemptRow(delivery_id=delivery_id, started_at=clock(), worker=worker)
        session.add_all((row, attempt))
        session.flush()
        return attempt


@dataclass
class _Attempt:
    """What one attempt knows while it goes on."""

    here: Installation
    row: DeliveryAttemptRow
    environment: Mapping[str, str]
    clock: Clock
    told: Told
    most: int = 1
    answer: str = ""
    began: float = field(default_factory=time.monotonic)
    noted: float = field(default_factory=time.monotonic)
    plans: list[ParcelPlan] = field(default_factory=list)
    arrived: list[ParcelPlan] = field(default_factory=list)

    def make(self) -> None:
        try:
            self._send()
        except TemporaryFailure as error:
            self._end(partial(self._try_again, error))
        except PimError as error:
            self._end(partial(self._fail, str(error)))
        except JobStopped as stopped:
            self._end(partial(self._stop, stopped))
            raise
        except (KeyboardInterrupt, SystemExit, OperationalError):
            self._end(self._leave_to_others)
            raise
        except Exception as error:
            why = f"{type(error).__name__}: this is a mistake of the program; the log of the worker says more"
            self._end(partial(self._fail, why))
            raise
        else:
            self._end(self._succeed)

    def _send(self) -> None:
        with self.here.database.session() as session:
            row = store.get_delivery(session, self.row.delivery_id)
            self.plans = msgspec.convert(row.files, list[ParcelPlan])
            self.arrived = self.plans[: row.sent]
            definition = load_definition(self.here.settings.exports_folder / row.export)
            destination = destination_called(definition, row.destination)
            self.most = destination.attempts
            if not self.plans:  # the destination chose no files when it was planned; perhaps it does now
                publication = require_current(session, row.export)
                files = files_of(session, publication).values()
                self.plans = plan_parcels(definition, destination, publication, files)
        facts = {"export": row.export, "publication": row.number, "revision": row.revision}
        with open_transport(destination, self.environment, self.clock) as transport:
            for index, plan in enumerate(self.plans[row.sent :], row.sent):
                step = _Step(self.told, index, len(self.plans), plan.name)
                step(0)
                with open_parcel(
                    self.here.storage, f"{row.id}-{row.round}-{index}", plan, self.arrived, facts
                ) as parcel:
                    self.answer = transport.put(parcel, step)
                    arrived = msgspec.structs.replace(plan, bytes=parcel.bytes, sha256=parcel.sha256)
                self.arrived.append(arrived)
                self.row.bytes += parcel.bytes
                self.row.files += 1
                if time.monotonic() - self.noted >= NOTE_EVERY:
                    self._note()

    def _note(self) -> None:
        self.noted = time.monotonic()
        with self.here.database.session() as session:
            self._write_down(store.get_delivery(session, self.row.delivery_id, lock=True))

    def _write_down(self, row: DeliveryRow) -> None:
        if not self.plans:
            return
        row.files = msgspec.to_builtins([*self.arrived, *self.plans[len(self.arrived) :]])
        row.sent = len(self.arrived)

    def _end(self, how: Callable[[Session, DeliveryRow], None]) -> None:
        with self.here.database.session() as session:
            row = store.get_delivery(session, self.row.delivery_id, lock=True)
            self._write_down(row)
            self.row.seconds = time.monotonic() - self.began
            how(session, row)
            self.row.answer = self.answer[:ANSWER_LENGTH]
            session.merge(self.row)

    def _succeed(self, session: Session, row: DeliveryRow) -> None:
        self.row.outcome = row.state = DELIVERED
        row.error, row.job_id, row.ended_at = None, None, self.clock()
        tell_delivered(session, row, self.clock())
        log.info(
            "delivered %s files (%s bytes) of export %s to %s", row.sent, self.row.bytes, row.export, row.destination
        )

    def _try_again(self, error: TemporaryFailure, session: Session, row: DeliveryRow) -> None:
        if row.attempts >= self.most:
            self._fail(f"{error}; tried {row.attempts} times", session, row)
            return
        wait = seconds_to_wait(row.attempts, error.retry_after, Random(f"{row.id}:{row.attempts}"))
        self.row.outcome, self.answer, row.error = TRY_AGAIN, str(error), str(error)
        store.schedule(session, row, self.clock() + timedelta(seconds=wait), later=True)

    def _fail(self, why: str, session: Session, row: DeliveryRow) -> None:
        """Unless a newer publication has become current, perhaps with the files of this one deleted."""
        self.row.outcome = row.state = FAILED
        self.answer = row.error = why
        row.job_id, row.ended_at = None, self.clock()
        current = current_publication(session, row.export)
        if current is not None and current.number > row.number:
            store.mark_superseded(session, row, current.number, self.clock())
            return
        tell_failed(session, row, self.clock())
        pause(session, row.export, row.destination, reason=why, by="pim", at=self.clock())

    def _stop(self, stopped: JobStopped, session: Session, row: DeliveryRow) -> None:
        """Handed back it waits for the worker that takes the job over, and was not at fault."""
        self.row.outcome, self.answer = INTERRUPTED, "its worker ended"
        if isinstance(stopped, HandedBack):
            row.state, row.attempts = WAITING, row.attempts - 1
        else:
            self.row.outcome, self.answer = FAILED, "somebody cancelled its job"
            row.state, row.error, row.job_id, row.ended_at = FAILED, self.answer, None, self.clock()
            tell_failed(session, row, self.clock())

    def _leave_to_others(self, session: Session, row: DeliveryRow) -> None:
        """Somebody pressed Ctrl-C, or the database went away for a moment: a worker goes on."""
        self.row.outcome, self.answer = INTERRUPTED, "its process was told to end, or lost the database"
        row.attempts -= 1
        store.schedule(session, row, self.clock())


@dataclass(frozen=True)
class _Step:
    """What a transport calls while a parcel is on its way."""

    told: Told
    index: int
    total: int
    name: str

    def __call__(self, gone: int) -> None:
        self.told(self.index, self.total, f"sending {self.name}")


def summary(row: DeliveryRow) -> dict[str, Any]:
    """What a job or a command tells of a delivery."""
    return {"delivery": row.id, "export": row.export, "destination": row.destination, "publication": row.number,
            "state": row.state, "error": row.error, "next_at": row.next_at}  # fmt: skip
