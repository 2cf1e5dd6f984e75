"""Holds a definition against a catalogue. What does not fit is a warning, not an error: a mapping may serve several
catalogues, and what one of them has not counts as empty there."""

from collections.abc import Iterator
from typing import Any

from pim.base.errors import InvalidInput, NotFound, known
from pim.catalog.attribute_paths import attribute_path
from pim.catalog.filters import understood
from pim.catalog.model import Channel
from pim.catalog.structure import Structure
from pim.exports.check import names_in
from pim.exports.model import ExportDefinition, specification
from pim.exports.scope import channel_of, currency_of, locales_of


def check_against_catalogue(definition: ExportDefinition, structure: Structure) -> list[str]:
    """One line for each channel, locale, currency, category, family, unit or attribute that the catalogue has not."""
    warnings = (*_places(definition, structure), *_names(definition, structure))
    return [f"{definition.name}: {warning}" for warning in warnings]


def _places(definition: ExportDefinition, structure: Structure) -> Iterator[str]:
    channel = channel_of(definition, structure)
    if channel is None:
        yield f"the catalogue has no channel {' or '.join(definition.channel)}; {known(structure.channels)}"
        return
    for locale in definition.locales:
        if locale not in channel.locales:
            yield f"channel {channel.code} does not speak {locale}; {known(channel.locales)}"
    for locale in locales_of(definition, channel):
        currency = currency_of(definition, channel, locale)
        if currency is None:
            yield f"no currency is said for {locale}; {known(channel.currencies)}"
        elif currency not in channel.currencies:
            yield f"channel {channel.code} has no prices in {currency} (for {locale}); {known(channel.currencies)}"
    for code in definition.assortment.categories:
        if code not in structure.categories:
            yield f"the catalogue has no category {code}"
    for code in definition.assortment.families:
        if code not in structure.families:
            yield f"the catalogue has no family {code}; {known(structure.families)}"
    yield from _unfit_searches(definition, channel, structure)


def _unfit_searches(definition: ExportDefinition, channel: Channel, structure: Structure) -> Iterator[str]:
    """These stop the export: nobody knows what it would take."""
    problems: dict[str, None] = {}
    for locale in locales_of(definition, channel):
        try:
            understood(definition.assortment.search, locale=locale, scope=channel.code, structure=structure)
        except (InvalidInput, NotFound) as error:
            problems[f"it cannot run, for the search of its assortment does not fit: {error}"] = None
    yield from problems


def _names(definition: ExportDefinition, structure: Structure) -> Iterator[str]:
    units = {unit for family in structure.measurement_families.values() for unit in family.units}
    where = {"when": definition.assortment.where} if definition.assortment.where else {}
    specs = [where, *specifications(definition)]
    names = dict.fromkeys(name for spec in specs for _, name in names_in(spec) if not name.startswith("$"))
    missing = [name for name in names if not attribute_path(name, structure)]
    if missing:
        yield f"the catalogue has no attribute {', '.join(missing)}; fields that name one of these take it as empty"
    steps = (step for spec in specs for step in spec.get("then", ()) if isinstance(step, dict))
    for unit in dict.fromkeys(step["convert"] for step in steps if "convert" in step):
        if unit not in units:
            yield f"no measurement family has the unit {unit}"


def specifications(definition: ExportDefinition) -> Iterator[dict[str, Any]]:
    """Every field specification of the mapping, nested ones after the one they are in."""

    def below(fields: Any) -> Iterator[dict[str, Any]]:
        for field in fields:
            spec = specification(field)
            yield spec
            yield from below(spec.get("fields", {}).values())
            yield from below(spec.get("with", {}).values())
            yield from below([*spec.get("each", ()), *spec.get("first_of", ())])
            yield from below(spec.get("for_each", {}).values())
            yield from below([spec["across_locales"]] if "across_locales" in spec else [])
            yield from below([spec["variants"]] if isinstance(spec.get("variants"), dict) else [])

    if definition.grain == "root":
        yield from below(definition.mapping["item"].values())
        for fields in definition.mapping.get("variants", {}).values():
            yield from below(fields.values())
    else:
        yield from below(definition.mapping.values())
