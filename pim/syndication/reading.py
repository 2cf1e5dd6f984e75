"""How a mapping reads a product: its attributes, in the right locale and scope, and the facts around it.

Everything is decided once, when the mapping is compiled; what is left for each product is a few dict lookups.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from pim.catalog.model import Attribute, Document, Resolved, Root
from pim.syndication.context import MappingContext, Quantity
from pim.syndication.facts import fact_getter
from pim.syndication.transforms.numbers import converter, decimal_of
from pim.syndication.transforms.text import clean

CODES = frozenset({"pim_catalog_simpleselect", "pim_catalog_multiselect"})


class Subject:
    """One product or product model being mapped. `changes` collects the instants at which the outcome will differ;
    the variants of a root share theirs with it. `entry` and `position` are those of the `for_each` at work."""

    __slots__ = ("_variants", "changes", "document", "entry", "position", "resolved", "root", "values")

    def __init__(self, resolved: Resolved, root: Root | None = None, changes: list[datetime] | None = None) -> None:
        self.resolved = resolved
        self.document: Document = resolved.document
        self.values: dict[str, Any] = resolved.document["values"]
        self.root = root
        self.changes: list[datetime] = [] if changes is None else changes
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
Read = Callable[[Any], Any]
"""From the data of a value to what a mapping works with."""


def names_getter(names: Sequence[str], context: MappingContext, labelled: bool = False) -> Getter:
    """The first of `names` that has a value: in the locale, then in its first fallback, and so on. What does not vary
    by locale is asked once, at its place among the names."""
    if len(names) == 1:
        return _whole_getter(names[0], context, labelled)
    getters: list[Getter] = []
    for locale in context.chain:
        for name in names:
            if name.startswith("$"):
                getters += [fact_getter(name, context, labelled, family_label)] if locale == context.locale else []
                continue
            attribute = context.structure.attributes.get(name)
            if attribute and (attribute.localizable or locale == context.locale):
                getters.append(attribute_getter(attribute, context, (locale,), labelled))

    def get(subject: Subject) -> Any:
        for getter in getters:
            value = getter(subject)
            if value is not None:
                return value
        return None

    return get


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
    if name.startswith("$"):
        return fact_getter(name, context, labelled, family_label)
    attribute = context.structure.attributes.get(name)
    if attribute is None:
        return lambda subject: None
    return attribute_getter(attribute, context, context.chain, labelled)


def attribute_getter(
    attribute: Attribute, context: MappingContext, locales: Sequence[str], labelled: bool = False
) -> Getter:
    code, read = attribute.code, reader(attribute, context, labelled)
    if code == context.structure.identifier_attribute:
        return lambda subject: subject.document.get("identifier") or None
    if not attribute.localizable and not attribute.scopable:
        return _fixed_getter(code, read) if _speaks(attribute, context.locale) else lambda subject: None
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
                    got = read(value["data"])
                    if got is not None:
                        return got
        return None

    return get


def _fixed_getter(code: str, read: Read) -> Getter:
    def get(subject: Subject) -> Any:
        found = subject.values.get(code)
        return read(found[0]["data"]) if found else None

    return get


def _speaks(attribute: Attribute, locale: str) -> bool:
    return not attribute.available_locales or locale in attribute.available_locales


def reader(attribute: Attribute, context: MappingContext, labelled: bool = False) -> Read:
    """What the data of an attribute of this type becomes."""
    kind = attribute.type.removeprefix("pim_catalog_")
    if attribute.type in CODES and labelled:
        return _label_reader(attribute.code, context)
    if kind in ("text", "textarea", "identifier"):
        return lambda data: clean(data) or None
    if kind == "price_collection":
        return _price_reader(context.currency)
    if kind == "metric":
        return _metric_reader(attribute, context)
    if kind == "number":
        return lambda data: data if isinstance(data, int) else decimal_of(data)
    return lambda data: None if data in ("", [], {}) else data


def _label_reader(attribute: str, context: MappingContext) -> Read:
    options = context.structure.options.get(attribute, {})
    labels = {code: clean(context.label(option.labels, code)) for code, option in options.items()}

    def read(data: Any) -> Any:
        if isinstance(data, list):
            return [labels.get(code, code) for code in data] or None
        return labels.get(data, data) or None

    return read


def _price_reader(currency: str | None) -> Read:
    def read(data: Any) -> Decimal | None:
        for price in data or ():
            if price["currency"] == currency:
                return decimal_of(price["amount"])
        return None

    return read


def _metric_reader(attribute: Attribute, context: MappingContext) -> Read:
    family = attribute.metric_family or ""
    unit = context.channel.conversion_units.get(attribute.code)
    converted = converter(context, unit) if unit else None

    def read(data: Any) -> Quantity | None:
        amount = decimal_of(data["amount"])
        if amount is None or not data["unit"]:
            return None
        quantity = Quantity(amount, data["unit"], family)
        return (converted(quantity) or quantity) if converted else quantity

    return read


def family_label(context: MappingContext, attribute_of: Callable[[Any], str | None]) -> Getter:
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
