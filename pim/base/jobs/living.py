"""Who could take a job now."""

from sqlmodel import Session

from pim.base.jobs import queue

LANES = 2
"""Of each worker: one for each queue."""

HEARTBEAT = 3.0
SILENT_FOR = 15.0
"""Seconds: a living worker is heard of every HEARTBEAT; after SILENT_FOR its jobs are given to others, which happens
within HEARTBEAT more."""


def living_workers(session: Session) -> int:
    return queue.living_lanes(session, SILENT_FOR) // LANES
