"""Destinations of an installation, by name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from pim.base.errors import InvalidInput, NotFound, known
from pim.base.settings import Settings
from pim.delivery.store import all_paused
from pim.delivery.tables import PausedDestinationRow
from pim.exports.destinations import AnyDestination, transport_of
from pim.exports.load import load_definition
from pim.exports.model import ExportDefinition
from pim.syndication.run_export import export_names


def require_destination(settings: Settings, export: str, name: str) -> AnyDestination:
    """Raises NotFound, for the export too."""
    require_exports(settings, [export])
    return destination_called(load_definition(settings.exports_folder / export), name)


def require_exports(settings: Settings, names: Iterable[str]) -> None:
    there = export_names(settings)
    for name in names:
        if name not in there:
            raise NotFound(f"export `{name}` does not exist in {settings.exports_folder}; {known(there)}")


def destination_called(definition: ExportDefinition, name: str) -> AnyDestination:
    """As the definition of now describes it, so that a wrong host can be put right. Raises NotFound."""
    for destination in definition.destinations:
        if destination.name == name:
            return destination
    names = known(destination.name for destination in definition.destinations)
    raise NotFound(f"export `{definition.name}` has no destination `{name}`; {names}")


@dataclass(frozen=True, slots=True)
class DestinationState:
    """A destination as its export defines it, and whether anything goes there."""

    export: str
    name: str
    transport: str
    paused: PausedDestinationRow | None


def destination_states(session: Session, settings: Settings, exports: Sequence[str] = ()) -> list[DestinationState]:
    """In order of exports and names. An export whose definition cannot be read has none."""
    paused = {(row.export, row.destination): row for row in all_paused(session)}
    found = [
        DestinationState(export, one.name, transport_of(one), paused.get((export, one.name)))
        for export in exports or export_names(settings)
        for one in _readable(settings, export)
    ]
    return sorted(found, key=lambda one: (one.export, one.name))


def _readable(settings: Settings, export: str) -> list[AnyDestination]:
    try:
        return load_definition(settings.exports_folder / export).destinations
    except InvalidInput:
        return []
