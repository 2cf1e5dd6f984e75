"""A worker: takes jobs from the queue and runs them in threads until it is told to end.

Told to end (SIGTERM, SIGINT), it begins nothing new, lets running jobs go on for `grace`
seconds, and then asks them to stop where they may be left: another worker goes on from there.
"""

import asyncio
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import procrastinate
import psycopg
from procrastinate.job_context import AbortReason, JobContext
from procrastinate.jobs import DeleteJobCondition, Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from pim.base.clock import Clock, now
from pim.base.installation import Installation
from pim.base.jobs.living import HEARTBEAT, SILENT_FOR
from pim.base.jobs.model import LONG, OUTGOING, QUICK, JobKinds, TakenOver
from pim.base.jobs.perform import TryAgain, perform_job
from pim.base.jobs.queue import TASK
from pim.base.jobs.recover import recover_jobs

POLLING = 2.0
"""Seconds after which a worker looks for jobs that nobody told it of: those whose waiting time is over."""

OUTGOING_AT_ONCE = 4
"""Jobs that wait for the servers of others more than they work."""

TICK = 5.0

Sweep = Callable[[Installation], Any]
Tick = Callable[[Installation], Any]

log = logging.getLogger("pim.jobs")


def run_worker(
    installation: Installation,
    kinds: JobKinds,
    *,
    sweep: Sweep,
    tick: Tick = lambda installation: None,
    jobs: int = 1,
    grace: float = 20.0,
    ending: threading.Event | None = None,
    clock: Clock = now,
) -> None:
    """Works until told to end, by a signal or by `ending`; a database that goes away and comes back is waited for.
    `jobs` is how many long ones run at once. `tick` is called every TICK seconds, to see what it is time for."""
    for library in ("procrastinate", "psycopg.pool"):
        logging.getLogger(library).setLevel(logging.CRITICAL)  # what they would say is said here, and shorter
    worker = _Worker(installation, kinds, sweep, tick, jobs, grace, ending or threading.Event(), clock)
    while not worker.ending.is_set():
        with suppress(procrastinate.exceptions.ConnectorException, psycopg.Error, OperationalError):
            with installation.database.session() as session:
                session.execute(text("SELECT 1"))  # starts an embedded server that was killed
            asyncio.run(worker.work())
        if not worker.ending.is_set():
            log.warning("the worker has lost the database; trying again")
            worker.ending.wait(1.0)


class _Worker:
    def __init__(
        self,
        installation: Installation,
        kinds: JobKinds,
        sweep: Sweep,
        tick: Tick,
        jobs: int,
        grace: float,
        ending: threading.Event,
        clock: Clock,
    ) -> None:
        self._installation, self._kinds, self._sweep, self._tick = installation, kinds, sweep, tick
        self._jobs, self._grace, self._clock = jobs, grace, clock
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self.ending = ending

    async def work(self) -> None:
        """Until told to end, or until the database goes away."""
        threads = ThreadPoolExecutor(self._jobs + OUTGOING_AT_ONCE + 4, thread_name_prefix="job")
        asyncio.get_running_loop().set_default_executor(threads)
        connector = procrastinate.PsycopgConnector(conninfo=self._installation.database.url, min_size=1, max_size=6)
        app = procrastinate.App(connector=connector)
        app.task(name=TASK, pass_context=True, retry=_Again())(self._perform)
        app.periodic(cron="17 * * * *")(app.task(name="pim.sweep", queue=QUICK, queueing_lock="sweep")(self._swept))
        async with app.open_async():
            lanes = {LONG: self._jobs, QUICK: 1, OUTGOING: OUTGOING_AT_ONCE}
            running = (self._lane(app, queue, at_once) for queue, at_once in lanes.items())
            tasks = [
                asyncio.create_task(one) for one in (*running, self._recover(), self._keep_time(), self._until_told())
            ]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    def _lane(self, app: procrastinate.App, queue: str, concurrency: int) -> Any:
        return app.run_worker_async(
            queues=[queue], name=f"{self._name}:{queue}", concurrency=concurrency,
            fetch_job_polling_interval=POLLING, abort_job_polling_interval=POLLING,
            shutdown_graceful_timeout=self._grace, update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=SILENT_FOR, delete_jobs=DeleteJobCondition.ALWAYS, install_signal_handlers=False,
        )  # fmt: skip

    async def _recover(self) -> None:
        while True:
            await asyncio.to_thread(recover_jobs, self._installation.database, SILENT_FOR, self._clock)
            await asyncio.sleep(HEARTBEAT)

    async def _keep_time(self) -> None:
        """What goes wrong with it is tried again; only a database that is away ends it, as it ends everything."""
        while True:
            try:
                await asyncio.to_thread(self._tick, self._installation)
            except OperationalError:
                raise
            except Exception:  # a mistake in there keeps no job from being done
                log.exception("looking for what is due failed; it will be tried again")
            await asyncio.sleep(TICK)

    async def _until_told(self) -> None:
        loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.ending.set)
        while not self.ending.is_set():
            await asyncio.sleep(0.2)

    def _perform(self, context: JobContext) -> None:
        reasons = {None: None, AbortReason.USER_REQUEST: "cancelled", AbortReason.SHUTDOWN: "ending"}
        job_id = context.job.id
        assert job_id is not None
        try:
            perform_job(
                self._installation,
                self._kinds,
                job_id,
                self._name,
                lambda: reasons[context.abort_reason()],
                self._clock,
            )
        except TryAgain:
            raise
        except TakenOver:
            log.error("worker %s was silent and its job %s was given to another; it ends", self._name, job_id)
            os._exit(1)  # whatever it told the queue now would be about the other's attempt
        except Exception:
            log.exception("job %s could not be brought to an end; it will be tried again", job_id)
            raise

    def _swept(self, timestamp: int) -> None:
        try:
            self._sweep(self._installation)
        except Exception:
            log.exception("sweeping failed; it will be tried again in an hour")
            raise


class _Again(BaseRetryStrategy):
    """What has not come to an end on our books is not over for the queue either."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        wait = exception.wait if isinstance(exception, TryAgain) else 5.0
        return RetryDecision(retry_in={"seconds": int(wait)})
