"""How a mapping reads a product: its attributes, in the right locale and scope, and the facts around it.

Everything is decided once, when the mapping is compiled; what is left for each product is a few dict lookups.
"""

from collections.abc import Callable, Sequence
from typing import Any

from pim.catalog.attribute_paths import attribute_path
from pim.catalog.model import Attribute
from pim.syndication.context import MappingContext
from pim.syndication.facts import fact_getter
from pim.syndication.linked_values import linked_getter
from pim.syndication.readers import EMPTY, Reader, filled, itself, reader_of
from pim.syndication.source import Reading, Source, calling
from pim.syndication.subject import Getter, Subject


def names_getter(names: Sequence[str], context: MappingContext, labelled: bool = False) -> Getter:
    return names_reading(names, context, labelled).get


def names_reading(names: Sequence[str], context: MappingContext, labelled: bool = False) -> Reading:
    """The first of `names` that has a value: in the locale, then in its first fallback, and so on. What does not vary
    by locale is asked once, at its place among the names; so is a name with dots, with all its fallbacks."""
    known = _known(names, context)
    if len(known) == 1:
        return _whole_reading(known[0], context, labelled)
    readings: list[Reading] = []
    for locale in context.chain:
        for name in known:
            attribute = context.structure.attributes.get(name)
            if attribute is None:
                readings += [_whole_reading(name, context, labelled)] if locale == context.locale else []
            elif attribute.localizable or locale == context.locale:
                readings.append(attribute_reading(attribute, context, (locale,), labelled))
    return first_reading(readings)


def first_reading(readings: Sequence[Reading]) -> Reading:
    """The first that gives something."""
    getters = [reading.get for reading in readings]

    def get(subject: Subject) -> Any:
        for getter in getters:
            value = getter(subject)
            if value is not None:
                return value
        return None

    def write(source: Source, target: str) -> None:
        source.line(f"{target} = None")
        for number, reading in enumerate(readings):
            if number == 0:
                reading.write(source, target)
                continue
            with source.block(f"if {target} is None:"):
                reading.write(source, target)

    return Reading(get, write)


def names_needed(names: Sequence[str], context: MappingContext) -> frozenset[str] | None:
    """The attributes of which one must be there for `names` to have a value; None where they may have one anyway."""
    structure = context.structure
    if any(name.startswith("$") or name == structure.identifier_attribute for name in names):
        return None
    return frozenset(path[0].code for name in names if (path := attribute_path(name, structure)))


def _known(names: Sequence[str], context: MappingContext) -> list[str]:
    """Facts, and what the catalogue has."""
    return [name for name in names if name.startswith("$") or attribute_path(name, context.structure)]


def only_attribute(names: Sequence[str], context: MappingContext) -> Attribute | None:
    """The attribute that `names` come down to, when the catalogue has no other of them."""
    known = _known(names, context)
    if len(known) != 1 or known[0] == context.structure.identifier_attribute:
        return None
    return context.structure.attributes.get(known[0])


def locale_getter(names: Sequence[str], context: MappingContext) -> Getter:
    """The locale in which `names_getter` finds its value."""
    tried = [
        (locale, attribute_getter(attribute, context, (locale,)))
        for locale in context.chain
        for attribute in (context.structure.attributes.get(name) for name in names)
        if attribute and (attribute.localizable or locale == context.locale)
    ]

    def get(subject: Subject) -> str | None:
        return next((locale for locale, getter in tried if getter(subject) is not None), None)

    return get


def _whole_reading(name: str, context: MappingContext, labelled: bool) -> Reading:
    path = attribute_path(name, context.structure)
    if len(path) == 1:
        return attribute_reading(path[0], context, context.chain, labelled)
    if not path:
        get = fact_getter(name, context, labelled, family_value)
    else:
        get = linked_getter(path, context, labelled, attribute_getter)
    return Reading(get, calling(get))


def attribute_getter(
    attribute: Attribute, context: MappingContext, locales: Sequence[str], labelled: bool = False
) -> Getter:
    return attribute_reading(attribute, context, locales, labelled).get


def attribute_reading(
    attribute: Attribute, context: MappingContext, locales: Sequence[str], labelled: bool = False
) -> Reading:
    if attribute.key == context.structure.identifier_attribute:
        return Reading(_identifier, calling(_identifier))
    reader = reader_of(attribute, context, labelled)
    (get_key, write_key), value = key_reading(attribute, context, locales, reader), reader.value

    def write(source: Source, target: str) -> None:
        write_key(source, target)
        if value is not itself:
            with source.block(f"if {target} is not None:"):
                source.line(f"{target} = {source.named(value, 'value')}({target})")

    return Reading(lambda subject: None if (key := get_key(subject)) is None else value(key), write)


def _identifier(subject: Subject) -> str | None:
    return subject.document.get("identifier") or None


def key_reading(attribute: Attribute, context: MappingContext, locales: Sequence[str], reader: Reader) -> Reading:
    """What counts of the attribute's data: in the first of `locales`, and there in the first scope, that has any."""
    if not attribute.localizable and not attribute.scopable:
        return _fixed_reading(attribute.code, reader.key) if _speaks(attribute, context.locale) else _NOTHING
    places = [
        (locale, scope)
        for locale in ([at for at in locales if _speaks(attribute, at)] if attribute.localizable else [None])
        for scope in (context.scopes if attribute.scopable else [None])
    ]
    return _placed_reading(attribute.code, reader.key, places)


_NOTHING = Reading(lambda subject: None, lambda source, target: source.line(f"{target} = None"))


def _fixed_reading(code: str, key: Callable[[Any], Any]) -> Reading:
    def get(subject: Subject) -> Any:
        found = subject.values.get(code)
        return key(found[0]["data"]) if found else None

    def write(source: Source, target: str) -> None:
        source.line(f"found = values.get({code!r})")
        source.line(f"{target} = (" + _key_of(source, key, 'found[0]["data"]') + ") if found else None")

    return Reading(get, write)


def _key_of(source: Source, key: Callable[[Any], Any], data: str) -> str:
    """The expression for the key of `data`: the two most frequent ones without a call."""
    if key is itself:
        return f"None if (data := {data}) in {source.named(EMPTY, 'empty')} else data"
    return f"{data} or None" if key is filled else f"{source.named(key, 'key')}({data})"


Place = tuple[str | None, str | None]
"""Locale and scope of a value."""
MOST_PLACES = 4
"""Places that are written out; where there are more, a call asks them."""


def _placed_reading(code: str, key: Callable[[Any], Any], places: Sequence[Place]) -> Reading:
    def get(subject: Subject) -> Any:
        found = subject.values.get(code)
        if not found:
            return None
        for locale, scope in places:
            for value in found:
                if value["locale"] == locale and value["scope"] == scope:
                    got = key(value["data"])
                    if got is not None:
                        return got
        return None

    def write(source: Source, target: str) -> None:
        source.line(f"{target} = None")
        source.line(f"found = values.get({code!r}, ())")
        for place in places:
            with source.block(f"if {target} is None:"):
                _write_placed(source, target, key, place)

    return Reading(get, write if len(places) <= MOST_PLACES else calling(get))


def _write_placed(source: Source, target: str, key: Callable[[Any], Any], place: Place) -> None:
    locale, scope = place
    here = f'if stored["locale"] == {locale!r} and stored["scope"] == {scope!r}:'
    with source.block("for stored in found:"), source.block(here):
        source.line(f"{target} = " + _key_of(source, key, 'stored["data"]'))
        source.line(f"if {target} is not None: break")


def _speaks(attribute: Attribute, locale: str) -> bool:
    return not attribute.available_locales or locale in attribute.available_locales


def family_value(context: MappingContext, attribute_of: Callable[[Any], str | None]) -> Getter:
    """The value of the attribute that a family calls its label (or picture)."""
    getters = {
        code: attribute_getter(context.structure.attributes[name], context, context.chain)
        for code, family in context.structure.families.items()
        if (name := attribute_of(family)) in context.structure.attributes
    }

    def get(subject: Subject) -> Any:
        getter = getters.get(subject.document.get("family") or "")
        return getter(subject) if getter else None

    return get
