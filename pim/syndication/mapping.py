"""Compiles a mapping into one function from a product (or a root with its variants) to the fields of an item.

Compiling decides everything that does not depend on the product: locale chains, option labels, units, templates. What
is left is nested closures, so an item costs some microseconds and no interpretation. A `produce` function is given a
Subject and answers None for nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import jinja2

from pim.base.errors import ItemRejected, Violation
from pim.catalog.model import Resolved, Root
from pim.exports.model import GRAIN_ROOT, names_of, source_of, specification
from pim.exports.scope import ANY
from pim.exports.template import compile_template
from pim.syndication.conditions import when, within
from pim.syndication.context import MappingContext, Quantity
from pim.syndication.details import details, finished
from pim.syndication.facts import is_constant
from pim.syndication.reading import Getter, Subject, locale_getter, names_getter
from pim.syndication.transforms import Step, make_step
from pim.syndication.transforms.dates import period_text
from pim.syndication.transforms.numbers import minor_digits, places, plain_text, price_per_base
from pim.syndication.transforms.text import clean

Fields = dict[str, Any]


@dataclass(slots=True)
class Rendered:
    """The fields of an item, and the first instant at which they will be others though nobody edits anything."""

    fields: Fields
    next_change_at: datetime | None


class Field(NamedTuple):
    """A compiled field. `constant`: it gives the same for every product of the locale. `open`: what it gives may hold
    numbers and measures that are no JSON yet."""

    produce: Getter
    constant: bool = False
    open: bool = False


def compile_mapping(context: MappingContext) -> Callable[[Resolved | Root], Rendered]:
    """The whole mapping of the context's export in the context's locale.

    For grain product the function takes a Resolved, for grain root a Root (whose products are the variants to show).
    It raises ItemRejected when a template fails.
    """
    definition = context.definition
    if definition.grain == GRAIN_ROOT:
        produce = _object(definition.mapping["item"], context).produce
        return lambda root: _render(Subject(root.head, root), produce)  # type: ignore[union-attr, arg-type]
    produce = _object(definition.mapping, context).produce
    return lambda resolved: _render(Subject(resolved), produce)  # type: ignore[arg-type]


def _render(subject: Subject, produce: Getter) -> Rendered:
    fields = produce(subject)
    return Rendered(fields or {}, min(subject.changes) if subject.changes else None)


def compile_field(field: Any, context: MappingContext) -> Field:
    """A field whose value is JSON data."""
    compiled = _compile(field, context)
    return compiled._replace(produce=_closed(compiled.produce), open=False) if compiled.open else compiled


def _compile(field: Any, context: MappingContext) -> Field:
    """1. `when` and `within`; 2. the source; 3. `map`; 4. `then`; 5. `default`. May leave amounts and measures as they
    are, so that a list of them can still be compared."""
    spec = specification(field)
    source = SOURCES[source_of(spec)](spec, context)
    produce, stages = source.produce, _stages(spec, context)
    if stages:
        produce = _stepped(produce, stages)
    if "default" in spec:
        produce = _defaulted(produce, spec["default"])
    for key, make in (("within", within), ("when", when)):
        if key in spec:
            produce = _conditional(produce, make(spec[key], context))
    return Field(produce, source.constant, source.open and all(stage.keeps for stage in stages))


class Stage(NamedTuple):
    step: Step
    whole: bool
    keeps: bool


def _stages(spec: dict[str, Any], context: MappingContext) -> list[Stage]:
    stages = []
    if "map" in spec:
        lookup = context.definition.lookups[spec["map"]] if isinstance(spec["map"], str) else spec["map"]
        stages.append(Stage(_lookup(lookup), whole=False, keeps=False))
    for entry in spec.get("then", ()):
        if entry != "label":
            step, transform = make_step(entry, context)
            stages.append(Stage(step, transform.whole, transform.keeps))
    return stages


def _lookup(lookup: dict[str, Any]) -> Step:
    otherwise = lookup.get(ANY)

    def step(value: Any) -> Any:
        key = value if value.__class__ is str else str(value).lower() if isinstance(value, bool) else str(value)
        return lookup.get(key, otherwise)

    return step


def _stepped(produce: Getter, stages: list[Stage]) -> Getter:
    """One after the other; a step that takes single values is applied to each entry of a list."""
    if len(stages) == 1 and stages[0].whole:
        return _one_step(produce, stages[0].step)

    def stepped(subject: Subject) -> Any:
        value = produce(subject)
        for step, whole, _ in stages:
            if value is None:
                return None
            if whole or value.__class__ is not list:
                value = step(value)
            else:
                value = [made for entry in value if (made := step(entry)) is not None] or None
        return value

    return stepped


def _one_step(produce: Getter, step: Step) -> Getter:
    return lambda subject: None if (value := produce(subject)) is None else step(value)


def _closed(produce: Getter) -> Getter:
    """Numbers and measures left as they are become JSON here."""

    def closed(subject: Subject) -> Any:
        value = produce(subject)
        return value if value is None or value.__class__ is str else finished(value)

    return closed


def _defaulted(produce: Getter, default: Any) -> Getter:
    return lambda subject: default if (value := produce(subject)) is None else value


def _conditional(produce: Getter, holds: Callable[[Subject], bool]) -> Getter:
    return lambda subject: produce(subject) if holds(subject) else None


def _from(spec: dict[str, Any], context: MappingContext) -> Field:
    names = names_of(spec["from"])
    labelled = next(iter(spec.get("then", ())), None) == "label"
    get = names_getter(names, context, labelled)
    return Field(get, all(map(is_constant, names)), open=not labelled and any(_is_open(n, context) for n in names))


def _is_open(name: str, context: MappingContext) -> bool:
    attribute = context.structure.attributes.get(name)
    return attribute is not None and attribute.type.endswith(("number", "metric", "price_collection"))


def _const(spec: dict[str, Any], context: MappingContext) -> Field:
    value = spec["const"]
    return Field(lambda subject: value, constant=True)


def _fields(spec: dict[str, Any], context: MappingContext) -> Field:
    return _object(spec["fields"], context)


def _object(fields: dict[str, Any], context: MappingContext) -> Field:
    """Left out when there would be nothing but constants in it (unless it has nothing else to give)."""
    compiled = [(name, *compile_field(field, context)[:2]) for name, field in fields.items()]
    all_constant = all(constant for _, _, constant in compiled)

    def produce(subject: Subject) -> Fields | None:
        made: Fields = {}
        substantial = all_constant
        for name, produce_field, constant in compiled:
            value = produce_field(subject)
            if value is not None:
                made[name] = value
                if not constant:
                    substantial = True
        return made if substantial and made else None

    return Field(produce, all_constant)


def _each(spec: dict[str, Any], context: MappingContext) -> Field:
    entries = [_compile(field, context) for field in spec["each"]]
    producers = [entry.produce for entry in entries]

    def produce(subject: Subject) -> list[Any] | None:
        made: list[Any] = []
        for produce_entry in producers:
            value = produce_entry(subject)
            if value.__class__ is list:
                made += value
            elif value is not None:
                made.append(value)
        return made or None

    return Field(produce, all(entry.constant for entry in entries), any(entry.open for entry in entries))


def _first_of(spec: dict[str, Any], context: MappingContext) -> Field:
    entries = [_compile(field, context) for field in spec["first_of"]]
    producers = [entry.produce for entry in entries]

    def produce(subject: Subject) -> Any:
        for produce_entry in producers:
            value = produce_entry(subject)
            if value is not None:
                return value
        return None

    return Field(produce, all(entry.constant for entry in entries), any(entry.open for entry in entries))


def _variants(spec: dict[str, Any], context: MappingContext) -> Field:
    inner = spec["variants"]
    if isinstance(inner, str):
        field = _object(context.definition.mapping["variants"][inner], context)
    else:
        field = _compile(inner, context)
    produce_one = field.produce

    def produce(subject: Subject) -> list[Any] | None:
        made: list[Any] = []
        for variant in subject.variants:
            value = produce_one(variant)
            if value.__class__ is list:
                made += value
            elif value is not None:
                made.append(value)
        return made or None

    return Field(produce, open=field.open)


def _for_each(spec: dict[str, Any], context: MappingContext) -> Field:
    entries, give = specification(spec["for_each"]["list"]), spec["for_each"]["give"]
    names = names_of(entries.get("from", []))
    produce_list = compile_field(entries, context).produce
    field = _compile(give, replace(context, entries_of=names[0] if len(names) == 1 else ""))
    produce_one = field.produce

    def produce(subject: Subject) -> list[Any] | None:
        found = produce_list(subject)
        around = subject.entry, subject.position
        made: list[Any] = []
        for position, entry in enumerate(found if isinstance(found, list) else [] if found is None else [found], 1):
            subject.entry, subject.position = entry, position
            value = produce_one(subject)
            if value is not None:
                made.append(value)
        subject.entry, subject.position = around
        return made or None

    return Field(produce, open=field.open)


def _across_locales(spec: dict[str, Any], context: MappingContext) -> Field:
    producers = {
        locale: compile_field(spec["across_locales"], context.in_locale(locale)).produce for locale in context.locales
    }

    def produce(subject: Subject) -> Fields | None:
        made = {locale: produce_in(subject) for locale, produce_in in producers.items()}
        return {locale: value for locale, value in made.items() if value is not None} or None

    return Field(produce)


def _template(spec: dict[str, Any], context: MappingContext) -> Field:
    file = spec.get("template_file")
    source = context.definition.templates[file] if file else spec["template"]
    render = compile_template(source, file or "template")
    fixed = {name: "" if value is None else value for name, value in {**context.constants, **context.names}.items()}
    given = {name: compile_field(field, context).produce for name, field in spec.get("with", {}).items()}

    def produce(subject: Subject) -> str | None:
        names = {name: "" if (value := make(subject)) is None else value for name, make in given.items()}
        try:
            return clean(render({**fixed, **names})).strip() or None
        except (jinja2.TemplateError, ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
            where = file or "template"
            raise ItemRejected([Violation(where, "template", f"{where}: {error}")]) from error

    return Field(produce)


def _details(spec: dict[str, Any], context: MappingContext) -> Field:
    return Field(details(spec["details"], context))


def _locale_of(spec: dict[str, Any], context: MappingContext) -> Field:
    return Field(locale_getter(names_of(spec["locale_of"]), context))


def _unit_price(spec: dict[str, Any], context: MappingContext) -> Field:
    wanted = spec["unit_price"]
    price = names_getter(names_of(wanted["price"]), context)
    content = names_getter(names_of(wanted["content"]), context)
    base, rounded = wanted.get("base"), places(minor_digits(context.currency))

    def produce(subject: Subject) -> Fields | None:
        amount, measure = price(subject), content(subject)
        if not isinstance(amount, Decimal) or not isinstance(measure, Quantity):
            return None
        found = price_per_base(amount, measure, base)
        if found is None:
            return None
        per_base, count, unit = found
        return {
            "amount": plain_text(rounded(per_base)),
            "currency": context.currency,
            "quantity": plain_text(count),
            "unit": unit,
        }

    return Field(produce)


def _percent_off(spec: dict[str, Any], context: MappingContext) -> Field:
    """Rounded down: a reduction is never overstated."""
    before = names_getter(names_of(spec["percent_off"]["before"]), context)
    now = names_getter(names_of(spec["percent_off"]["now"]), context)

    def produce(subject: Subject) -> int | None:
        old, new = before(subject), now(subject)
        if not isinstance(old, Decimal) or not isinstance(new, Decimal) or not 0 < new < old:
            return None
        return int((old - new) * 100 / old) or None

    return Field(produce)


def _period(spec: dict[str, Any], context: MappingContext) -> Field:
    start = names_getter(names_of(spec["period"]["start"]), context)
    end = names_getter(names_of(spec["period"]["end"]), context)
    zone = context.zone

    def produce(subject: Subject) -> str | None:
        first, last = start(subject), end(subject)
        return period_text(first, last, zone) if first and last else None

    return Field(produce)


SOURCES: dict[str, Callable[[dict[str, Any], MappingContext], Field]] = {
    "from": _from,
    "const": _const,
    "fields": _fields,
    "each": _each,
    "first_of": _first_of,
    "template": _template,
    "template_file": _template,
    "variants": _variants,
    "details": _details,
    "unit_price": _unit_price,
    "percent_off": _percent_off,
    "period": _period,
    "for_each": _for_each,
    "across_locales": _across_locales,
    "locale_of": _locale_of,
}
