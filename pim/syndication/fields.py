"""Compiles field specifications.

Compiling decides everything that does not depend on the product: locale chains, option labels, units, templates. What
is left is a function, and the source that does the same without its inner calls (see `Field`).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jinja2

from pim.base.errors import ItemRejected, Violation
from pim.catalog.attribute_paths import attribute_path
from pim.exports.model import names_of, source_of, specification
from pim.exports.template import compile_template
from pim.syndication.computed import (
    details_source,
    locale_of_source,
    percent_off_source,
    period_source,
    unit_price_source,
)
from pim.syndication.conditions import CONSTANT_SUBJECT, always_needed, when, within
from pim.syndication.context import MappingContext
from pim.syndication.details import finished
from pim.syndication.facts import is_constant
from pim.syndication.field import (
    Field,
    Key,
    Remembered,
    any_needs,
    called,
    generated,
    needs_of,
    remembered,
    write_field,
)
from pim.syndication.locale_free import is_locale_free, once_a_subject, spelled
from pim.syndication.objects import each_of, first_of, gather, object_of, requiring
from pim.syndication.readers import reader_of
from pim.syndication.reading import key_reading, names_needed, names_reading, only_attribute
from pim.syndication.source import Source, calling, calling_made
from pim.syndication.stages import Stage, chained, stages_of
from pim.syndication.subject import Getter, Subject
from pim.syndication.transforms.text import clean

Spec = dict[str, Any]


def compile_field(field: Any, context: MappingContext) -> Field:
    """A field whose value is JSON data."""
    return _compile(field, context, closed=True)


def compile_object(fields: Spec, context: MappingContext) -> Field:
    return object_of([(name, compile_field(field, context)) for name, field in fields.items()], context.shared)


def _compile(field: Any, context: MappingContext, closed: bool = False) -> Field:
    """What says the same in every locale is compiled once for all, and worked out once for each product."""
    if context.shared is None or not is_locale_free(field, context):
        return _compiled(field, context, closed)
    spelling = spelled(field, closed)
    if spelling not in context.shared:
        found = _compiled(field, replace(context, shared=None), closed)
        cheap = found.constant or specification(field).keys() == {"from"}
        context.shared[spelling] = found._replace(alike=found) if cheap else _once(found)
    shared: Field = context.shared[spelling]
    return shared


def _once(field: Field) -> Field:
    once = once_a_subject(generated(field))
    return field._replace(produce=once_a_subject(field.produce), write=calling(once), alike=field)


def _compiled(field: Any, context: MappingContext, closed: bool) -> Field:
    """1. `when` and `within`; 2. the source; 3. `map`; 4. `then`; 5. `default`. Unless `closed`, amounts and measures
    may stay what they are, so that a list of them can still be compared."""
    spec = specification(field)
    made = SOURCES[source_of(spec)](spec, context)
    stages = stages_of(spec, context)
    is_open = made.open and all(stage.keeps for stage in stages)
    if closed and is_open:
        stages.append(Stage(finished, whole=True, keeps=False))
    if stages:
        made = _remembered(made, made.key, stages) if made.key else _staged(made, stages)
    if "default" in spec:
        made = _defaulted(made, spec["default"])
    for key, make in (("within", within), ("when", when)):
        if key in spec:
            made = _conditional(made, make(spec[key], context))
    needs = made.needs
    if "when" in spec:
        needs = (*needs, *always_needed(spec["when"], context))
    return made._replace(open=is_open and not closed, needs=needs, key=None)


def _remembered(field: Field, key: Key, stages: list[Stage]) -> Field:
    """Worked out once for each different thing that the attribute says."""
    made = remembered(key.reading, Remembered(chained(key.value, stages), key.few))
    return field._replace(produce=made.produce, write=made.write)


def _staged(field: Field, stages: list[Stage]) -> Field:
    """Texts are looked up: neighbours share them."""
    steps = chained(lambda value: value, stages)
    memory = Remembered(steps, few=False)

    def write(source: Source, target: str) -> None:
        write_field(source, field, target)
        source.line(f"if {target}.__class__ is str: {target} = {source.named(memory, 'memory')}[{target}]")
        source.line(f"elif {target} is not None: {target} = {source.named(steps, 'steps')}({target})")

    return field._replace(produce=chained(field.produce, stages), write=write)


def _defaulted(field: Field, default: Any) -> Field:
    def write(source: Source, target: str) -> None:
        write_field(source, field, target)
        source.line(f"if {target} is None: {target} = {source.named(default, 'default')}")

    def produce(subject: Subject) -> Any:
        return default if (value := field.produce(subject)) is None else value

    return field._replace(produce=produce, write=write, needs=())


def _conditional(field: Field, holds: Callable[[Subject], bool]) -> Field:
    def write(source: Source, target: str) -> None:
        source.line(f"{target} = None")
        with source.block(f"if {source.named(holds, 'holds')}(subject):"):
            write_field(source, field, target)

    return field._replace(produce=lambda subject: field.produce(subject) if holds(subject) else None, write=write)


def _from(spec: Spec, context: MappingContext) -> Field:
    names = names_of(spec["from"])
    labelled = next(iter(spec.get("then", ())), None) == "label"
    reading, needs = names_reading(names, context, labelled), needs_of(names_needed(names, context))
    if all(map(is_constant, names)):
        return _always(reading.get(CONSTANT_SUBJECT))._replace(needs=needs)
    is_open = not labelled and any(_is_open(name, context) for name in names)
    attribute = only_attribute(names, context)
    reader = attribute and reader_of(attribute, context, labelled)
    key = None
    if attribute and reader and reader.hashable:
        key = Key(key_reading(attribute, context, context.chain, reader), reader.value, reader.few)
    return Field(*reading, open=is_open, needs=needs, key=key)


def _always(value: Any) -> Field:
    def write(source: Source, target: str) -> None:
        source.line(f"{target} = {source.named(value, 'constant')}")

    return Field(lambda subject: value, write, constant=True)


def _is_open(name: str, context: MappingContext) -> bool:
    path = attribute_path(name, context.structure)
    return bool(path) and path[-1].type.endswith(("number", "metric", "price_collection", "table"))


def _const(spec: Spec, context: MappingContext) -> Field:
    return _always(spec["const"])


def _fields(spec: Spec, context: MappingContext) -> Field:
    field = compile_object(spec["fields"], context)
    return requiring(field, spec["requires"]) if "requires" in spec else field


def _each(spec: Spec, context: MappingContext) -> Field:
    return each_of([_compile(field, context) for field in spec["each"]])


def _first_of(spec: Spec, context: MappingContext) -> Field:
    return first_of([_compile(field, context) for field in spec["first_of"]])


def _variants(spec: Spec, context: MappingContext) -> Field:
    inner = spec["variants"]
    if isinstance(inner, str):
        field = compile_object(context.definition.mapping["variants"][inner], context)
    else:
        field = _compile(inner, context)
    write = calling_made(lambda: _of_variants(generated(field)))
    return Field(_of_variants(field.produce), write, open=field.open)


def _of_variants(produce_one: Getter) -> Getter:
    def produce(subject: Subject) -> list[Any] | None:
        made: list[Any] = []
        for variant in subject.variants:
            gather(made, produce_one(variant))
        return made or None

    return produce


def _for_each(spec: Spec, context: MappingContext) -> Field:
    entries, give = specification(spec["for_each"]["list"]), spec["for_each"]["give"]
    names = names_of(entries.get("from", []))
    source = compile_field(entries, context)
    field = _compile(give, replace(context, entries_of=names[0] if len(names) == 1 else ""))
    write = calling_made(lambda: _of_entries(generated(source), generated(field)))
    return Field(_of_entries(source.produce, field.produce), write, open=field.open, needs=source.needs)


def _of_entries(produce_list: Getter, produce_one: Getter) -> Getter:
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

    return produce


def _across_locales(spec: Spec, context: MappingContext) -> Field:
    fields = {locale: compile_field(spec["across_locales"], context.in_locale(locale)) for locale in context.locales}
    plain = {locale: field.produce for locale, field in fields.items()}
    write = calling_made(lambda: _by_locale({locale: generated(field) for locale, field in fields.items()}))
    return Field(_by_locale(plain), write, needs=any_needs(fields.values()))


def _by_locale(producers: dict[str, Getter]) -> Getter:
    def produce(subject: Subject) -> Spec | None:
        made = {locale: produce_in(subject) for locale, produce_in in producers.items()}
        return {locale: value for locale, value in made.items() if value is not None} or None

    return produce


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

    return called(produce)


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
