"""Which channel, locales, currency and constants an export means in a given catalogue."""

from typing import Any

from pim.catalog.model import Channel
from pim.catalog.structure import Structure
from pim.exports.model import ExportDefinition

ANY = "*"


def channel_of(definition: ExportDefinition, structure: Structure) -> Channel | None:
    """The first of the definition's channels that the catalogue has."""
    return next((structure.channels[code] for code in definition.channel if code in structure.channels), None)


def locales_of(definition: ExportDefinition, channel: Channel) -> list[str]:
    """The channel's locales, in its order, that the definition wants (all when it names none)."""
    wanted = definition.locales
    return [locale for locale in channel.locales if not wanted or locale in wanted]


def currency_of(definition: ExportDefinition, channel: Channel, locale: str) -> str | None:
    """What the definition says for `locale`, else the only currency of the channel."""
    said = definition.currency.get(locale) or definition.currency.get(ANY)
    return said or (channel.currencies[0] if len(channel.currencies) == 1 else None)


def chain_of(definition: ExportDefinition, locale: str) -> tuple[str, ...]:
    """The locale, then those it falls back to."""
    return (locale, *definition.fallbacks.get(locale, ()))


def constants_of(definition: ExportDefinition, locale: str) -> dict[str, Any]:
    special = definition.locale_constants
    return {**definition.constants, **special.get(ANY, {}), **special.get(locale, {})}
