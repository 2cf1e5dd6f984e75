"""Reports fetched from where they lie, each once."""

import hashlib
import os
from collections.abc import Iterator, Mapping

import msgspec

from pim.base.clock import Clock, now
from pim.base.errors import InvalidInput, NotFound, PermanentFailure, PimError
from pim.base.installation import Installation
from pim.delivery.destinations import destination_called
from pim.delivery.feedback import store
from pim.delivery.feedback.places import Waiting, waiting_reports
from pim.delivery.feedback.take_report import take_report
from pim.exports.load import load_definition
from pim.syndication.run_export import export_names


class Polled(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one report; `problem` says why it was not taken in."""

    export: str
    name: str
    counts: dict[str, int] = {}
    problem: str | None = None


def poll_reports(
    here: Installation, *, environment: Mapping[str, str] = os.environ, clock: Clock = now
) -> list[Polled]:
    """Takes in what is new, of every export that says where its reports lie. A bad report, or a destination that is
    away, stops no other; a bad report is told once."""
    polled: list[Polled] = []
    for export in export_names(here.settings):
        try:
            definition = load_definition(here.settings.exports_folder / export)
            place = definition.feedback.poll if definition.feedback else None
            if place is not None:
                destination = destination_called(definition, place.destination)
                reports = waiting_reports(destination, place, environment, clock)
                read_by = hashlib.sha256(msgspec.json.encode(definition.feedback)).hexdigest()[:16]
                polled += _taken(here, export, destination.name, read_by, reports, clock)
        except PimError as error:
            polled.append(Polled(export=export, name="", problem=str(error)))
    return polled


def _taken(
    here: Installation, export: str, destination: str, read_by: str, reports: Iterator[Waiting], clock: Clock
) -> Iterator[Polled]:
    """A bad report is read again when the definition says other things of reports (`read_by`), and one that could not
    be fetched each time."""
    for report in reports:
        version, problem, refused = report.version, None, f"{report.version} read by {read_by}"
        with here.database.session() as session:
            if store.last_polled(session, export, report.name) in (version, refused):
                continue
        try:
            taken = take_report(here, export, report.read(), name=report.name, by=destination, at=clock())
            yield Polled(export=export, name=report.name, counts=taken.report.counts)
        except InvalidInput as error:
            version, problem = refused, str(error)
            yield Polled(export=export, name=report.name, problem=problem)
        except (NotFound, PermanentFailure) as error:
            yield Polled(export=export, name=report.name, problem=str(error))
            continue
        with here.database.session() as session:
            store.note_polled(session, export, report.name, version, clock(), problem)
