"""Compiles field specifications.

Compiling decides everything that does not depend on the product: locale chains, option labels, units, templates, and
for each set of attributes which fields can have a value at all. What is left is nested closures: no interpretation.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import jinja2

from pim.base.errors import ItemRejected, Violation
from pim.catalog.attribute_paths import attribute_path
from pim.exports.model import names_of, source_of, specification
from pim.exports.scope import ANY
from pim.exports.template import compile_template
from pim.syndication.computed import (
    details_source,
    locale_of_source,
    percent_off_source,
    period_source,
    unit_price_source,
)
from pim.syndication.conditions import always_needed, when, within
from pim.syndication.context import MappingContext
from pim.syndication.details import finished
from pim.syndication.facts import is_constant
from pim.syndication.field import Field, any_needs, needs_of, remembered
from pim.syndication.locale_free import is_locale_free, once_a_subject, spelled
from pim.syndication.reading import (
    Getter,
    Subject,
    key_getter,
    names_getter,
    names_needed,
    only_attribute,
    reader_of,
)
from pim.syndication.transforms import Step, make_step
from pim.syndication.transforms.text import clean

Spec = dict[str, Any]

WORTH_PLANNING = 6
"""Fields from which on an object looks up which of them a product's attributes can fill."""
MOST_PLANS = 5_000


def compile_field(field: Any, context: MappingContext) -> Field:
    """A field whose value is JSON data."""
    return _compile(field, context, closed=True)


def compile_object(fields: Spec, context: MappingContext) -> Field:
    """Left out when there would be nothing but constants in it (unless it has nothing else to give)."""
    compiled = [(name, compile_field(field, context)) for name, field in fields.items()]
    constant = all(field.constant for _, field in compiled)
    compiled = [(name, field) for name, field in compiled if frozenset() not in field.needs]
    if not constant and all(field.constant for _, field in compiled):
        return Field(lambda subject: None, needs=(frozenset(),))  # what it is about, the catalogue does not have
    if len(compiled) < WORTH_PLANNING:
        plan = _plan(compiled)
        return Field(lambda subject: _made(subject, plan, constant), constant, needs=_object_needs(compiled))
    plans: dict[tuple[str, ...], list[Planned]] = {}

    def produce(subject: Subject) -> Spec | None:
        shape = subject.shape
        if shape is None:
            shape = subject.shape = tuple(subject.values)
        plan = plans.get(shape)
        if plan is None:
            if len(plans) >= MOST_PLANS:
                plans.clear()
            plan = plans[shape] = _plan(compiled, frozenset(shape))
        return _made(subject, plan, constant)

    return Field(produce, constant, needs=_object_needs(compiled))


class Planned(NamedTuple):
    name: str
    produce: Getter
    constant: bool


def _plan(compiled: list[tuple[str, Field]], shape: frozenset[str] | None = None) -> list[Planned]:
    """The fields that a product with these attributes may fill."""
    return [
        Planned(name, field.produce, field.constant)
        for name, field in compiled
        if shape is None or not any(shape.isdisjoint(needed) for needed in field.needs)
    ]


def _object_needs(compiled: list[tuple[str, Field]]) -> tuple[frozenset[str], ...]:
    return any_needs(changing) if (changing := [field for _, field in compiled if not field.constant]) else ()


def _made(subject: Subject, plan: list[Planned], all_constant: bool) -> Spec | None:
    made: Spec = {}
    substantial = all_constant
    for name, produce, constant in plan:
        value = produce(subject)
        if value is not None:
            made[name] = value
            if not constant:
                substantial = True
    return made if substantial and made else None


def _compile(field: Any, context: MappingContext, closed: bool = False) -> Field:
    """What says the same in every locale is compiled once for all, and worked out once for each product."""
    if context.shared is None or not is_locale_free(field, context):
        return _compiled(field, context, closed)
    spelling = spelled(field, closed)
    if spelling not in context.shared:
        found = _compiled(field, replace(context, shared=None), closed)
        cheap = found.constant or specification(field).keys() == {"from"}
        context.shared[spelling] = found if cheap else found._replace(produce=once_a_subject(found.produce))
    shared: Field = context.shared[spelling]
    return shared


def _compiled(field: Any, context: MappingContext, closed: bool) -> Field:
    """1. `when` and `within`; 2. the source; 3. `map`; 4. `then`; 5. `default`. Unless `closed`, amounts and measures
    may stay what they are, so that a list of them can still be compared."""
    spec = specification(field)
    source = SOURCES[source_of(spec)](spec, context)
    stages = _stages(spec, context)
    is_open = source.open and all(stage.keeps for stage in stages)
    if closed and is_open:
        stages.append(Stage(finished, whole=True, keeps=False))
    if stages and source.key and source.value:
        produce = remembered(source.key, _chain(source.value, stages), source.few)
    else:
        produce = _chain(source.produce, stages) if stages else source.produce
    needs = source.needs
    if "default" in spec:
        produce, needs = _defaulted(produce, spec["default"]), ()
    for key, make in (("within", within), ("when", when)):
        if key in spec:
            produce = _conditional(produce, make(spec[key], context))
    if "when" in spec:
        needs = (*needs, *always_needed(spec["when"], context))
    return Field(produce, source.constant, is_open and not closed, needs)


class Stage(NamedTuple):
    step: Step
    whole: bool
    keeps: bool


def _stages(spec: Spec, context: MappingContext) -> list[Stage]:
    stages = []
    if "map" in spec:
        lookup = context.definition.lookups[spec["map"]] if isinstance(spec["map"], str) else spec["map"]
        stages.append(Stage(_lookup(lookup), whole=False, keeps=False))
    for entry in spec.get("then", ()):
        if entry != "label":
            step, transform = make_step(entry, context)
            stages.append(Stage(step, transform.whole, transform.keeps))
    return stages


def _lookup(lookup: Spec) -> Step:
    otherwise = lookup.get(ANY)

    def step(value: Any) -> Any:
        key = value if value.__class__ is str else str(value).lower() if isinstance(value, bool) else str(value)
        return lookup.get(key, otherwise)

    return step


def _chain(produce: Callable[[Any], Any], stages: list[Stage]) -> Callable[[Any], Any]:
    """One after the other; a step that takes single values is applied to each entry of a list."""
    for step, whole, _ in stages:
        produce = _whole_step(produce, step) if whole else _entry_step(produce, step)
    return produce


def _whole_step(produce: Callable[[Any], Any], step: Step) -> Callable[[Any], Any]:
    return lambda subject: None if (value := produce(subject)) is None else step(value)


def _entry_step(produce: Callable[[Any], Any], step: Step) -> Callable[[Any], Any]:
    def stepped(subject: Any) -> Any:
        value = produce(subject)
        if value is None:
            return None
        if value.__class__ is not list:
            return step(value)
        return [made for entry in value if (made := step(entry)) is not None] or None

    return stepped


def _defaulted(produce: Getter, default: Any) -> Getter:
    return lambda subject: default if (value := produce(subject)) is None else value


def _conditional(produce: Getter, holds: Callable[[Subject], bool]) -> Getter:
    return lambda subject: produce(subject) if holds(subject) else None


def _from(spec: Spec, context: MappingContext) -> Field:
    names = names_of(spec["from"])
    labelled = next(iter(spec.get("then", ())), None) == "label"
    get, needs = names_getter(names, context, labelled), needs_of(names_needed(names, context))
    is_open = not labelled and any(_is_open(name, context) for name in names)
    attribute = only_attribute(names, context)
    if attribute is None:
        return Field(get, all(map(is_constant, names)), is_open, needs)
    reader = reader_of(attribute, context, labelled)
    if reader.hashable:
        key = key_getter(attribute, context, context.chain, reader)
        return Field(get, open=is_open, needs=needs, key=key, value=reader.value, few=reader.few)
    return Field(get, open=is_open, needs=needs)


def _is_open(name: str, context: MappingContext) -> bool:
    path = attribute_path(name, context.structure)
    return bool(path) and path[-1].type.endswith(("number", "metric", "price_collection", "table"))


def _const(spec: Spec, context: MappingContext) -> Field:
    value = spec["const"]
    return Field(lambda subject: value, constant=True)


def _fields(spec: Spec, context: MappingContext) -> Field:
    field = compile_object(spec["fields"], context)
    required = spec.get("requires")
    return field._replace(produce=_whole(field.produce, required)) if required else field


def _whole(produce: Getter, required: list[str]) -> Getter:
    """The object, or nothing when one of its required fields is not there."""

    def whole(subject: Subject) -> Spec | None:
        made = produce(subject)
        return made if made is not None and all(name in made for name in required) else None

    return whole


def _each(spec: Spec, context: MappingContext) -> Field:
    entries = [_compile(field, context) for field in spec["each"]]
    producers = [entry.produce for entry in entries]

    def produce(subject: Subject) -> list[Any] | None:
        made: list[Any] = []
        for produce_entry in producers:
            _gather(made, produce_entry(subject))
        return made or None

    return _of_entries(produce, entries)


def _gather(made: list[Any], value: Any) -> None:
    """Lists are flattened one level, nothing is dropped."""
    if value.__class__ is list:
        made += value
    elif value is not None:
        made.append(value)


def _first_of(spec: Spec, context: MappingContext) -> Field:
    entries = [_compile(field, context) for field in spec["first_of"]]
    producers = [entry.produce for entry in entries if frozenset() not in entry.needs]

    def produce(subject: Subject) -> Any:
        for produce_entry in producers:
            value = produce_entry(subject)
            if value is not None:
                return value
        return None

    return _of_entries(produce, entries)


def _of_entries(produce: Getter, entries: list[Field]) -> Field:
    constant = all(entry.constant for entry in entries)
    return Field(produce, constant, any(entry.open for entry in entries), any_needs(entries))


def _variants(spec: Spec, context: MappingContext) -> Field:
    inner = spec["variants"]
    if isinstance(inner, str):
        field = compile_object(context.definition.mapping["variants"][inner], context)
    else:
        field = _compile(inner, context)
    produce_one = field.produce

    def produce(subject: Subject) -> list[Any] | None:
        made: list[Any] = []
        for variant in subject.variants:
            _gather(made, produce_one(variant))
        return made or None

    return Field(produce, open=field.open)


def _for_each(spec: Spec, context: MappingContext) -> Field:
    entries, give = specification(spec["for_each"]["list"]), spec["for_each"]["give"]
    names = names_of(entries.get("from", []))
    source = compile_field(entries, context)
    field = _compile(give, replace(context, entries_of=names[0] if len(names) == 1 else ""))
    produce_list, produce_one = source.produce, field.produce

    def produce(subject: Subject) -> list[Any] | None:
        found = produce_list(subject)
        if found is None:
            return None
        around = subject.entry, subject.position
        made: list[Any] = []
        for position, entry in enumerate(found if isinstance(found, list) else [found], 1):
            subject.entry, subject.position = entry, position
            value = produce_one(subject)
            if value is not None:
                made.append(value)
        subject.entry, subject.position = around
        return made or None

    return Field(produce, open=field.open, needs=source.needs)


def _across_locales(spec: Spec, context: MappingContext) -> Field:
    fields = {locale: compile_field(spec["across_locales"], context.in_locale(locale)) for locale in context.locales}
    producers = {locale: field.produce for locale, field in fields.items()}

    def produce(subject: Subject) -> Spec | None:
        made = {locale: produce_in(subject) for locale, produce_in in producers.items()}
        return {locale: value for locale, value in made.items() if value is not None} or None

    return Field(produce, needs=any_needs(fields.values()))


def _template(spec: Spec, context: MappingContext) -> Field:
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


SOURCES: dict[str, Callable[[Spec, MappingContext], Field]] = {
    "from": _from,
    "const": _const,
    "fields": _fields,
    "each": _each,
    "first_of": _first_of,
    "template": _template,
    "template_file": _template,
    "variants": _variants,
    "for_each": _for_each,
    "across_locales": _across_locales,
    "details": details_source,
    "locale_of": locale_of_source,
    "unit_price": unit_price_source,
    "percent_off": percent_off_source,
    "period": period_source,
}
