"""What a mapping sees beside the product: the catalogue's structure, the channel, one locale, and an instant."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pim.base.errors import ConfigurationError, known
from pim.catalog.model import Channel, Labels, Values
from pim.catalog.structure import Structure
from pim.exports.model import ExportDefinition
from pim.exports.scope import chain_of, channel_of, constants_of, currency_of, locales_of

MediaInfo = Callable[[str], dict[str, Any] | None]
"""Media code → {"width", "height", "media_type", "size"}, None for a file that is not there."""
CodeOf = Callable[[str], str | None]
"""Uuid of an associated product → its identifier (or uuid), None for one that is not there."""


Linked = Callable[[str, str, str], Values | None]
"""(kind, owner, code) of a record or an asset → its values, None for one that is not there."""


class Quantity(NamedTuple):
    """A measure: so much of a unit of a measurement family."""

    amount: Decimal
    unit: str
    family: str


@dataclass(frozen=True)
class MappingContext:
    """One export in one locale, as of one instant. `public_url` is the base address of this service.

    `entries_of` is the one name whose list the `for_each` around a field goes through, if there is one. `shared` keeps
    the compiled fields that are the same in all locales, by their spelling; None where nothing is shared.
    """

    definition: ExportDefinition
    structure: Structure
    channel: Channel
    locale: str
    as_of: datetime
    public_url: str = ""
    media_info: MediaInfo = lambda code: None
    code_of: CodeOf = lambda uuid: uuid
    linked: Linked = lambda kind, owner, code: None
    entries_of: str = ""
    shared: dict[bytes, Any] | None = None

    @cached_property
    def chain(self) -> tuple[str, ...]:
        return chain_of(self.definition, self.locale)

    @cached_property
    def scopes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.channel.code, *self.definition.scope_fallbacks)))

    @cached_property
    def locales(self) -> tuple[str, ...]:
        return tuple(locales_of(self.definition, self.channel))

    @cached_property
    def currency(self) -> str | None:
        return currency_of(self.definition, self.channel, self.locale)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.definition.timezone)

    @cached_property
    def constants(self) -> dict[str, Any]:
        return constants_of(self.definition, self.locale)

    @cached_property
    def names(self) -> dict[str, Any]:
        """Facts that are the same for all products of the locale; templates and `{name}` see them too."""
        language, _, country = self.locale.partition("_")
        return {
            "locale": self.locale,
            "language": language,
            "country": country.rpartition("_")[2],
            "hreflang": self.locale.replace("_", "-"),
            "currency": self.currency,
            "scope": self.channel.code,
            "public_url": self.public_url,
        }

    def fill(self, text: str) -> str:
        """`{name}` replaced by the constant or fact of that name."""
        for name, value in {**self.constants, **self.names}.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def label(self, labels: Labels, code: str) -> str:
        """In the locale, or the first of its fallbacks that has one, else the code."""
        return next((labels[locale] for locale in self.chain if labels.get(locale)), code)

    def in_locale(self, locale: str) -> "MappingContext":
        return replace(self, locale=locale)


def mapping_context(
    definition: ExportDefinition,
    structure: Structure,
    locale: str,
    as_of: datetime,
    public_url: str = "",
    media_info: MediaInfo = lambda code: None,
    code_of: CodeOf = lambda uuid: uuid,
    linked: Linked = lambda kind, owner, code: None,
) -> MappingContext:
    """Raises ConfigurationError when the catalogue has none of the definition's channels."""
    channel = channel_of(definition, structure)
    if channel is None:
        wanted = ", ".join(f"`{code}`" for code in definition.channel)
        raise ConfigurationError(
            f"export `{definition.name}` is for channel {wanted}; the catalogue has none of these, "
            f"{known(structure.channels)}"
        )
    return MappingContext(definition, structure, channel, locale, as_of, public_url, media_info, code_of, linked)
