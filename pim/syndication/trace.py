"""How a field of an item came about: where its value is from, what each step made of it.

Nothing is interpreted a second time: a specification is compiled with its steps cut off, then with one more and one
more, so what is told of a step is what the mapping does.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from pim.catalog.attribute_paths import attribute_path
from pim.catalog.model import Attribute, Entity
from pim.exports.check import names_in
from pim.exports.model import names_of, source_of, specification
from pim.syndication.conditions import when, within
from pim.syndication.context import MappingContext
from pim.syndication.fields import compile_field
from pim.syndication.readers import reader_of
from pim.syndication.reading import attribute_getter
from pim.syndication.subject import Subject

BESIDE = {"map", "then", "default", "when", "within"}
"""Keys of a specification that act on what its source gives."""


class Origin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """One of the names a field reads. `value` is what the mapping sees, None where there is none; `used` marks the one
    that was taken. Of an attribute: `data` as it is stored, in which locale and scope, and of which product or model;
    `revision` is the one that wrote it. `is_fallback` when an earlier name or locale had nothing."""

    name: str
    value: Any
    used: bool
    is_fallback: bool = False
    locale: str | None = None
    scope: str | None = None
    data: Any = None
    owner_kind: str | None = None
    owner: str | None = None
    revision: int | None = None
    changed_by: str | None = None
    reason: str | None = None


class Step(msgspec.Struct, frozen=True):
    """A transform (or map, default, condition) and the value after it."""

    step: Any
    value: Any


class Trace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """`source` is the kind of specification; `of` the variant that this part is of. `parts` are the fields, entries,
    alternatives or variants that it is made of."""

    value: Any
    source: str
    of: str | None = None
    origins: list[Origin] = []
    steps: list[Step] = []
    parts: "dict[str, Trace]" = {}


Written = Callable[[Entity, Attribute, str | None, str | None], tuple[int, str, str | None] | None]
"""(owner, attribute, locale, scope) → revision, author and reason of the changeset that wrote the value."""


def trace_field(field: Any, subject: Subject, context: MappingContext, written: Written) -> Trace:
    spec = specification(field)
    source = source_of(spec)
    return Trace(
        value=compile_field(spec, context).produce(subject),
        source=source,
        origins=list(_origins(spec, subject, context, written)),
        steps=list(_steps(spec, subject, context)),
        parts=dict(_parts(spec, source, subject, context, written)),
    )


def _steps(spec: dict[str, Any], subject: Subject, context: MappingContext) -> Iterator[Step]:
    for key, make in (("when", when), ("within", within)):
        if key in spec:
            yield Step({key: spec[key]}, make(spec[key], context)(subject))
    bare = {key: value for key, value in spec.items() if key not in BESIDE}
    for cut, step in _cuts(spec):
        yield Step(step, compile_field({**bare, **cut}, context).produce(subject))


def _cuts(spec: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Any]]:
    """What is there up to each step, and the step."""
    so_far: dict[str, Any] = {}
    if "map" in spec:
        so_far["map"] = spec["map"]
        yield dict(so_far), {"map": spec["map"]}
    for count, step in enumerate(spec.get("then", ()), 1):
        yield {**so_far, "then": spec["then"][:count]}, step
    if "default" in spec:
        whole: dict[str, Any] = {key: spec[key] for key in ("map", "then", "default") if key in spec}
        yield whole, {"default": spec["default"]}


def _parts(
    spec: dict[str, Any], source: str, subject: Subject, context: MappingContext, written: Written
) -> Iterator[tuple[str, Trace]]:
    inner = spec[source]
    if source == "variants":
        field = {"fields": context.definition.mapping["variants"][inner]} if isinstance(inner, str) else inner
        for at, variant in enumerate(subject.variants):
            found = trace_field(field, variant, context, written)
            yield str(at), msgspec.structs.replace(found, of=variant.resolved.code)
    elif source == "across_locales":
        for locale in context.locales:
            yield locale, trace_field(inner, subject, context.in_locale(locale), written)
    elif source == "for_each":
        yield "list", trace_field(inner["list"], subject, context, written)
    else:
        named = inner.items() if source == "fields" else enumerate(inner) if source in ("each", "first_of") else ()
        for name, field in (*named, *spec.get("with", {}).items()):
            yield str(name), trace_field(field, subject, context, written)


def _origins(spec: dict[str, Any], subject: Subject, context: MappingContext, written: Written) -> Iterator[Origin]:
    """Of `from` in the order in which they are tried, up to the one with a value; of other sources all they read."""
    if "from" not in spec:
        for name in dict.fromkeys(name for key, name in names_in(spec) if key not in ("when", "within")):
            yield from _tried([name], subject, context, written)
        return
    yield from _tried(names_of(spec["from"]), subject, context, written)


def _tried(names: list[str], subject: Subject, context: MappingContext, written: Written) -> Iterator[Origin]:
    earlier = False
    for locale, name in _places(names, context):
        attribute = context.structure.attributes.get(name)
        if attribute is None:
            value = compile_field({"from": name}, context).produce(subject) if _is_known(name, context) else None
            origin = Origin(name=name, value=value, used=value is not None, is_fallback=earlier)
        else:
            origin = _of_attribute(attribute, locale, subject, context, written, earlier)
        yield origin
        if origin.used:
            return
        earlier = True


def _places(names: list[str], context: MappingContext) -> Iterator[tuple[str, str]]:
    """(locale, name) as `names_getter` tries them: what does not vary by locale once, at the first."""
    for locale in context.chain:
        for name in names:
            attribute = context.structure.attributes.get(name)
            if locale == context.locale or (attribute is not None and attribute.localizable):
                yield locale, name


def _is_known(name: str, context: MappingContext) -> bool:
    return name.startswith("$") or bool(attribute_path(name, context.structure))


def _of_attribute(
    attribute: Attribute, locale: str, subject: Subject, context: MappingContext, written: Written, earlier: bool
) -> Origin:
    getter = attribute_getter(attribute, context, (locale,))
    found = _stored(attribute, locale, subject, context) if getter(subject) is not None else None
    wanted = locale if attribute.localizable else None
    if found is None:
        identifier = getter(subject) if attribute.key == context.structure.identifier_attribute else None
        return Origin(name=attribute.code, value=identifier, used=identifier is not None, locale=wanted)
    owner = _owner(attribute, found, subject)
    log = written(owner, attribute, found["locale"], found["scope"])
    revision, author, reason = log or (None, None, None)
    return Origin(
        name=attribute.code,
        value=compile_field({"from": attribute.code}, context.in_locale(locale)).produce(subject),
        used=True,
        is_fallback=earlier or found["scope"] not in (None, context.channel.code),
        locale=found["locale"],
        scope=found["scope"],
        data=found["data"],
        owner_kind=owner.kind,
        owner=owner.code,
        revision=revision,
        changed_by=author,
        reason=reason,
    )


def _stored(attribute: Attribute, locale: str, subject: Subject, context: MappingContext) -> Any:
    """The value that counts: in the locale, and there in the first scope that has any."""
    reader = reader_of(attribute, context)
    for scope in context.scopes if attribute.scopable else (None,):
        for value in subject.values.get(attribute.code) or ():
            fits = value["locale"] == (locale if attribute.localizable else None) and value["scope"] == scope
            if fits and reader.key(value["data"]) is not None:
                return value
    return None


def _owner(attribute: Attribute, value: dict[str, Any], subject: Subject) -> Entity:
    """Whose own value it is: the product's, or that of the nearest model above it that says the same."""
    resolved = subject.resolved
    for entity in (resolved.entity, *reversed(resolved.ancestors)):
        if value in (entity.document["values"].get(attribute.code) or ()):
            return entity
    return resolved.entity
