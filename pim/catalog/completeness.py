"""Which required values are missing, for one product, channel and locale. Pure, and the only definition of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakKeyDictionary

import msgspec

from pim.catalog.attribute_types import ATTRIBUTE_TYPES, PRICES, Filled
from pim.catalog.model import Channel, Values
from pim.catalog.structure import Structure


@dataclass(frozen=True, slots=True)
class Completeness:
    """`required` counts the values asked for, `missing` names the attributes without one, in the family's order."""

    scope: str
    locale: str
    required: int
    missing: tuple[str, ...]

    @property
    def ratio(self) -> int:
        """Whole percent, rounded down; 100 where nothing is required."""
        if not self.required:
            return 100
        return 100 * (self.required - len(self.missing)) // self.required


@dataclass(frozen=True, slots=True)
class Measured:
    """Each channel and locale, and the same as JSON: channel → locale → percent."""

    each: tuple[Completeness, ...]
    ratios: str


Measure = Callable[[Values, str | None], Measured]

_compiled: WeakKeyDictionary[Structure, dict[str, Measure]] = WeakKeyDictionary()


def completeness(values: Values, identifier: str | None, family: str, structure: Structure) -> list[Completeness]:
    """For merged `values`, every channel and each of its locales, in the structure's order."""
    return list(_measure(family, structure)(values, identifier).each)


def ratios(values: Values, identifier: str | None, family: str, structure: Structure) -> str:
    """The percentages of `completeness`, as they are stored."""
    return _measure(family, structure)(values, identifier).ratios


def _measure(family: str, structure: Structure) -> Measure:
    measures = _compiled.setdefault(structure, {})
    if family not in measures:
        measures[family] = compile_completeness(family, structure)
    return measures[family]


def compile_completeness(family: str, structure: Structure) -> Measure:
    """One function for all products of a family. Channels and locales mostly ask for the same values, so each value is
    looked at once and every channel's list names it by its place among them."""
    asked: dict[Asked, int] = {}
    required = structure.families[family].attribute_requirements
    plans = [
        (
            channel.code,
            locale,
            [
                (one.code, asked.setdefault(one, len(asked)))
                for one in values_asked(required.get(channel.code, ()), channel, locale, structure)
            ],
        )
        for channel in structure.channels.values()
        for locale in channel.locales
    ]
    checks = [presence_of(one, structure) for one in asked]

    @lru_cache(maxsize=1024)
    def measured(*there: bool) -> Measured:
        each = tuple(
            Completeness(scope, locale, len(needed), tuple([code for code, place in needed if not there[place]]))
            for scope, locale, needed in plans
        )
        ratios: dict[str, dict[str, int]] = {}
        for one in each:
            ratios.setdefault(one.scope, {})[one.locale] = one.ratio
        return Measured(each, msgspec.json.encode(ratios).decode())

    return lambda values, identifier: measured(*[check(values, identifier) for check in checks])


@dataclass(frozen=True, slots=True)
class Asked:
    """A value that must be there, with these currencies when it is a price."""

    code: str
    locale: str | None
    scope: str | None
    currencies: tuple[str, ...]


def values_asked(codes: Iterable[str], channel: Channel, locale: str, structure: Structure) -> list[Asked]:
    """The values of these attributes that a channel shows in a locale. Locale-specific attributes have some in their
    locales only."""
    attributes = [structure.attributes[code] for code in codes if code in structure.attributes]
    return [
        Asked(
            attribute.code,
            locale if attribute.localizable else None,
            channel.code if attribute.scopable else None,
            tuple(channel.currencies) if attribute.type == PRICES else (),
        )
        for attribute in attributes
        if not attribute.available_locales or locale in attribute.available_locales
    ]


Present = Callable[[Values, str | None], bool]


def presence_of(asked: Asked, structure: Structure) -> Present:
    """Each attribute type says what it takes to be filled."""
    code, wanted_locale, wanted_scope, currencies = asked.code, asked.locale, asked.scope, asked.currencies
    if code == structure.identifier_attribute:
        return lambda values, identifier: identifier is not None
    attribute = structure.attributes[code]
    filled: Filled = ATTRIBUTE_TYPES[attribute.type].filled

    def present(values: Values, identifier: str | None) -> bool:
        for value in values.get(code, ()):
            if value["locale"] == wanted_locale and value["scope"] == wanted_scope:
                return filled(value["data"], attribute, currencies)
        return False

    return present
