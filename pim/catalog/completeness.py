"""Which required values are missing, for one product, channel and locale. Pure, and the only definition of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from pim.catalog.attribute_types import ATTRIBUTE_TYPES, Filled
from pim.catalog.model import Attribute, Channel, Value, Values
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


Measure = Callable[[Values, str | None], list[Completeness]]


_compiled: WeakKeyDictionary[Structure, dict[str, Measure]] = WeakKeyDictionary()


def completeness(values: Values, identifier: str | None, family: str, structure: Structure) -> list[Completeness]:
    """For merged `values`, every channel and each of its locales, in the structure's order."""
    measures = _compiled.setdefault(structure, {})
    if family not in measures:
        measures[family] = compile_completeness(family, structure)
    return measures[family](values, identifier)


def compile_completeness(family: str, structure: Structure) -> Measure:
    """One function for all products of a family."""
    plans = [
        (channel.code, locale, _requirements(family, channel, locale, structure))
        for channel in structure.channels.values()
        for locale in channel.locales
    ]
    identifier_attribute = structure.identifier_attribute

    def measure(values: Values, identifier: str | None) -> list[Completeness]:
        measured = []
        for scope, locale, requirements in plans:
            missing = tuple(
                code
                for code, present in requirements
                if not (identifier is not None if code == identifier_attribute else present(values.get(code, ())))
            )
            measured.append(Completeness(scope, locale, len(requirements), missing))
        return measured

    return measure


Present = Callable[[Iterable[Value]], bool]


def _requirements(family: str, channel: Channel, locale: str, structure: Structure) -> list[tuple[str, Present]]:
    required = structure.families[family].attribute_requirements.get(channel.code, [])
    attributes = [structure.attributes[code] for code in required if code in structure.attributes]
    return [
        (attribute.code, _present(attribute, channel, locale))
        for attribute in attributes
        if not attribute.available_locales or locale in attribute.available_locales
    ]


def _present(attribute: Attribute, channel: Channel, locale: str) -> Present:
    """Locale-specific attributes count for their locales only; each type says what it takes to be filled."""
    wanted_locale = locale if attribute.localizable else None
    wanted_scope = channel.code if attribute.scopable else None
    filled: Filled = ATTRIBUTE_TYPES[attribute.type].filled

    def present(values: Iterable[Value]) -> bool:
        for value in values:
            if value["locale"] == wanted_locale and value["scope"] == wanted_scope:
                return filled(value["data"], channel)
        return False

    return present
