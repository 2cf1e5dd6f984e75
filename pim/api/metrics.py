"""Metrics for Prometheus: requests as they happen, and at each look the state of database, jobs and exports.

A process counts its own requests. Where several processes serve, set `PROMETHEUS_MULTIPROC_DIR` to an empty folder they
share, and whichever is asked answers for all of them.
"""

import hmac
import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import NotAuthorizedException
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped
from sqlalchemy.pool import QueuePool
from sqlmodel import Session, col

from pim.api.operating_words import METRICS
from pim.base.clock import now
from pim.base.database import Database
from pim.base.jobs.model import STATES
from pim.base.jobs.tables import JobRow
from pim.delivery.model import STATES as DELIVERY_STATES
from pim.delivery.store import all_paused
from pim.delivery.tables import DeliveryRow
from pim.syndication import store as publications
from pim.versioning.tables import HeadRow

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


class RequestMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("method", "route", "status")
        self._requests = Counter("pim_http_requests", "Requests answered", labels, registry=registry)
        self._seconds = Histogram(
            "pim_http_request_duration_seconds",
            "How long answers took",
            labels[:2],
            registry=registry,
            buckets=_SECONDS,
        )
        self._in_flight = Gauge(
            "pim_http_requests_in_flight", "Requests being answered", registry=registry, multiprocess_mode="livesum"
        )

    def in_flight(self) -> AbstractContextManager[Any]:
        return self._in_flight.track_inprogress()

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """`route` is a template, so that there are few of them."""
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(method, route).observe(seconds)


class Catalogue(Collector):
    """What the database says, asked at each look."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing beforehand, so that to register asks no database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from _pool(self._database)
        try:
            with self._database.snapshot_session() as session:
                found = [*_heads(session), *_jobs(session), *_exports(session, now()), *_deliveries(session)]
        except SQLAlchemyError:
            found = []
        yield GaugeMetricFamily("pim_database_up", "1 when the database answers", value=1 if found else 0)
        yield from found


def new_registry(database: Database) -> CollectorRegistry:
    """One an application, so that two in a process do not mix."""
    registry = CollectorRegistry()
    registry.register(Catalogue(database))
    return registry


@get("/metrics", sync_to_thread=True, operation=METRICS)
def show_metrics(request: Request[Any, Any, Any], state: State) -> Response[bytes]:
    _check_reader(request, state.settings.metrics_token)
    registry: CollectorRegistry = state.registry
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        registry.register(Catalogue(state.database))
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _check_reader(request: Request[Any, Any, Any], token: str) -> None:
    """With a token its bearer; without one, who asks on this host itself and not through a proxy."""
    if token:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode()):
            return
        message = "metrics need their token: `Authorization: Bearer` and PIM_METRICS_TOKEN"
    else:
        from_here = request.client is not None and request.client.host in _LOOPBACK
        if from_here and not {"x-forwarded-for", "forwarded", "x-real-ip"}.intersection(request.headers):
            return
        message = "metrics are shown on this host only; set PIM_METRICS_TOKEN to show them to its bearer"
    raise NotAuthorizedException(message, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})


def _pool(database: Database) -> Iterator[GaugeMetricFamily]:
    pool = database.engine.pool
    if isinstance(pool, QueuePool):
        yield GaugeMetricFamily("pim_database_connections_in_use", "Connections lent out", value=pool.checkedout())
        yield GaugeMetricFamily("pim_database_connections_idle", "Connections that wait", value=pool.checkedin())


def _heads(session: Session) -> Iterator[GaugeMetricFamily]:
    head = session.execute(select(HeadRow)).scalar_one()
    yield GaugeMetricFamily("pim_revision", "The newest revision of the catalogue", value=head.revision)
    behind = head.structure_revision - head.derived_revision
    yield GaugeMetricFamily("pim_derived_lag", "Structure changes that completeness has not followed yet", value=behind)


def _jobs(session: Session) -> Iterator[GaugeMetricFamily]:
    yield _by_state(session, col(JobRow.state), STATES, "pim_jobs", "Jobs that are kept, by state")


def _by_state(session: Session, column: Mapped[str], states: Iterable[str], name: str, text: str) -> GaugeMetricFamily:
    counted = session.execute(select(column, func.count()).group_by(column))
    numbers: dict[str, int] = {row[0]: row[1] for row in counted}
    family = GaugeMetricFamily(name, text, labels=["state"])
    for state in states:
        family.add_metric([state], numbers.get(state, 0))
    return family


def _deliveries(session: Session) -> Iterator[GaugeMetricFamily]:
    yield _by_state(
        session, col(DeliveryRow.state), DELIVERY_STATES, "pim_deliveries", "Deliveries that are kept, by state"
    )
    paused = GaugeMetricFamily(
        "pim_destination_paused", "1 while a destination waits for a person", labels=["export", "destination"]
    )
    for row in all_paused(session):
        paused.add_metric([row.export, row.destination], 1)
    yield paused


def _exports(session: Session, at: datetime) -> Iterator[GaugeMetricFamily]:
    revision = session.execute(select(col(HeadRow.revision))).scalar_one()
    families = {
        "age_seconds": "Since the current publication went out",
        "revision_lag": "Revisions that the current publication has not seen",
        "items": "Items of the current publication",
        "rejected": "Items that it left out",
    }
    shown = {name: GaugeMetricFamily(f"pim_export_{name}", text, labels=["export"]) for name, text in families.items()}
    held = GaugeMetricFamily("pim_export_held", "1 while a publication waits for a person", labels=["export"])
    for row in publications.publications(session):
        if row.state == publications.HELD:
            held.add_metric([row.export], 1)
        if row.state == publications.CURRENT and row.current_at is not None:
            age = (at - row.current_at).total_seconds()
            values = (age, revision - row.revision, row.items, row.rejected)
            for family, value in zip(shown.values(), values, strict=True):
                family.add_metric([row.export], value)
    yield from (*shown.values(), held)
