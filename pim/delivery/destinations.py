"""Destinations of an installation, by name."""

from collections.abc import Iterable

from pim.base.errors import NotFound, known
from pim.base.settings import Settings
from pim.exports.destinations import AnyDestination
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
