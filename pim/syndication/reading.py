"""How a mapping reads a product: its attributes, in the right locale and scope, and the facts around it.

Everything is decided once, when the mapping is compiled; what is left for each product is a few dict lookups.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pim.catalog.attribute_paths import attribute_path
from pim.catalog.model import Attribute, Document, OwnedAttribute, Resolved, Root
from pim.syndication.context import MappingContext, Quantity
from pim.syndication.facts import fact_getter
from pim.syndication.linked_values import linked_getter, linked_label
from pim.syndication.table_rows import rows_reader
from pim.syndication.transforms.numbers import converter, decimal_of
from pim.syndication.transforms.text import clean


class Subject:
    """One product or product model being mapped. `changes` collects the instants at which the outcome will differ;
    the variants of a root share theirs with it. `entry` and `position` are those of the `for_each` at
    work. `shape` (the attributes that have values) and `axes` are filled in by the first who asks."""

    __slots__ = ("_variants", "axes", "changes", "document", "entry", "position", "resolved", "root", "shape", "values")

    def __init__(self, resolved: Resolved, root: Root | None = None, changes: list[datetime] | None = None) -> None:
        self.resolved = resolved
        self.document: Document = resolved.document
        self.values: dict[str, Any] = resolved.document["values"]
        self.root = root
        self.changes: list[datetime] = [] if changes is None else changes
        self.shape: tuple[str, ...] | None = None
        self.axes: list[str] | None = None
        self.entry: Any = None
        self.position = 0
        self._variants: list[Subject] | None = None

    @property
    def variants(self) -> "list[Subject]":
        if self._variants is None:
            products = self.root.products if self.root else ()
            self._variants = [Subject(product, None, self.changes) for product in products]
        return self._variants


Getter = Callable[[Subject], Any]
"""Answers None for nothing: no value, empty text, empty list."""


class Reader(NamedTuple):
    """How data of an attribute's type is read, in two steps: `key` picks what counts (the amount in the currency, the
    code), `value` makes of it what a mapping works with. `few`: there are few different keys, whose outcome is worth
    remembering for long; `hashable`: it can be remembered at all."""

    key: Callable[[Any], Any]
    value: Callable[[Any], Any]
    few: bool = True
    hashable: bool = True


def names_getter(names: Sequence[str], context: MappingContext, labelled: bool = False) -> Getter:
    """The first of `names` that has a value: in the locale, then in its first fallback, and so on. What does not vary
    by locale is asked once, at its place among the names; so is a name with dots, with all its fallbacks."""
    known = _known(names, context)
    if len(known) == 1:
        return _whole_getter(known[0], context, labelled)
    getters: list[Getter] = []
    for locale in context.chain:
        for name in known:
            attribute = context.structure.attributes.get(name)
            if attribute is None:
                getters += [_whole_getter(name, context, labelled)] if locale == context.locale else []
            elif attribute.localizable or locale == context.locale:
                getters.append(attribute_getter(attribute, context, (locale,), labelled))

    def get(subject: Subject) -> Any:
        for getter in getters:
            value = getter(subject)
            if value is not None:
                return value
        return None

    return get


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


def _whole_getter(name: str, context: MappingContext, labelled: bool) -> Getter:
    path = attribute_path(name, context.structure)
    if not path:
        return fact_getter(name, context, labelled, family_value)
    return linked_getter(path, context, labelled, attribute_getter)


def attribute_getter(
    attribute: Attribute, context: MappingContext, locales: Sequence[str], labelled: bool = False
) -> Getter:
    if attribute.key == context.structure.identifier_attribute:
        return lambda subject: subject.document.get("identifier") or None
    reader = reader_of(attribute, context, labelled)
    get_key, value = key_getter(attribute, context, locales, reader), reader.value
    return lambda subject: None if (key := get_key(subject)) is None else value(key)


def key_getter(attribute: Attribute, context: MappingContext, locales: Sequence[str], reader: Reader) -> Getter:
    """What counts of the attribute's data: in the first of `locales`, and there in the first scope, that has any."""
    code, key = attribute.code, reader.key
    if not attribute.localizable and not attribute.scopable:
        return _fixed_getter(code, key) if _speaks(attribute, context.locale) else lambda subject: None
    wanted = [
        (locale, scope)
        for locale in ([at for at in locales if _speaks(attribute, at)] if attribute.localizable else [None])
        for scope in (context.scopes if attribute.scopable else [None])
    ]

    def get(subject: Subject) -> Any:
        found = subject.values.get(code)
        if not found:
            return None
        for locale, scope in wanted:
            for value in found:
                if value["locale"] == locale and value["scope"] == scope:
                    got = key(value["data"])
                    if got is not None:
                        return got
        return None

    return get


def _fixed_getter(code: str, key: Callable[[Any], Any]) -> Getter:
    if key is _itself:  # the most frequent one, without the call

        def get_itself(subject: Subject) -> Any:
            found = subject.values.get(code)
            return None if not found or (data := found[0]["data"]) in _EMPTY else data

        return get_itself

    def get(subject: Subject) -> Any:
        found = subject.values.get(code)
        return key(found[0]["data"]) if found else None

    return get


def _speaks(attribute: Attribute, locale: str) -> bool:
    return not attribute.available_locales or locale in attribute.available_locales


def reader_of(attribute: Attribute, context: MappingContext, labelled: bool = False) -> Reader:
    kind = attribute.type.removeprefix("pim_catalog_")
    match kind:
        case "textarea" if isinstance(attribute, OwnedAttribute) and attribute.prefix is not None:
            before, after = attribute.prefix, attribute.suffix or ""
            return Reader(lambda data: data or None, lambda text: f"{before}{text}{after}")
        case "text" | "textarea" | "identifier":
            return Reader(lambda data: data or None, lambda text: clean(text) or None, few=False)
        case "price_collection":
            return Reader(_amount_in(context.currency), decimal_of)
        case "metric":
            return Reader(_amount_and_unit, _quantity_of(attribute, context))
        case "number":
            return Reader(_itself, lambda data: data if isinstance(data, int) else decimal_of(data))
        case "simpleselect":
            return Reader(_itself, _labels_of(attribute, context) if labelled else _itself)
        case "akeneo_reference_entity":
            return Reader(_itself, linked_label(attribute, context) if labelled else _itself)
        case "akeneo_reference_entity_collection" | "asset_collection":
            label = linked_label(attribute, context) if labelled else _itself
            return Reader(lambda data: tuple(data) or None, lambda codes: [label(code) for code in codes])
        case "multiselect":
            label = _labels_of(attribute, context) if labelled else _itself
            return Reader(lambda data: tuple(data) or None, lambda codes: [label(code) for code in codes])
        case "boolean" | "date" | "image" | "file":
            return Reader(_itself, _itself)
        case "table":
            return Reader(_itself, rows_reader(attribute, context, labelled, reader_of), hashable=False)
        case _:
            return Reader(_itself, _itself, hashable=False)


_EMPTY: tuple[Any, ...] = (None, "", [], {})


def _itself(data: Any) -> Any:
    return None if data in _EMPTY else data


def _labels_of(attribute: Attribute, context: MappingContext) -> Callable[[str], str]:
    options = context.structure.options_of(attribute)
    labels = {code: clean(context.label(option.labels, code)) for code, option in options.items()}
    return lambda code: labels.get(code, code)


def _amount_in(currency: str | None) -> Callable[[Any], str | None]:
    def amount(data: Any) -> str | None:
        for price in data or ():
            if price["currency"] == currency:
                return price["amount"] if price["amount"] is None else str(price["amount"])
        return None

    return amount


def _amount_and_unit(data: Any) -> tuple[Any, str] | None:
    return (data["amount"], data["unit"]) if data and data["unit"] and data["amount"] is not None else None


def _quantity_of(attribute: Attribute, context: MappingContext) -> Callable[[tuple[Any, str]], Quantity | None]:
    """In the channel's own unit, where it has one for the attribute."""
    family = attribute.metric_family or ""
    unit = context.channel.conversion_units.get(attribute.code)
    converted = converter(context, unit) if unit else None

    def quantity(key: tuple[Any, str]) -> Quantity | None:
        amount = decimal_of(key[0])
        if amount is None:
            return None
        found = Quantity(amount, key[1], family)
        return (converted(found) or found) if converted else found

    return quantity


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
