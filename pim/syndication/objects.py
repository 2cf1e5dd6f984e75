"""Objects: fields by name, made together by one function."""

from collections.abc import Callable, Iterable
from typing import Any

from pim.syndication.field import Field, Needs, any_needs, write_field
from pim.syndication.locale_free import once_a_subject
from pim.syndication.source import Source
from pim.syndication.subject import Getter, Subject

NOTHING: frozenset[str] = frozenset()
"""A need that no product meets."""
FEW = 4
"""Attributes that are asked for one by one."""

Named = tuple[str, Field]


def object_of(fields: list[Named], shared: dict[Any, Any] | None = None) -> Field:
    """Left out when there would be nothing but constants in it (unless it has nothing else to give). `shared` is where
    the objects of other locales look for what all of them say alike."""
    constant = all(field.constant for _, field in fields)
    fields = [(name, field) for name, field in fields if NOTHING not in field.needs]
    changing = [field for _, field in fields if not field.constant]
    if not constant and not changing:
        return _nobody_has()

    def produce(subject: Subject) -> dict[str, Any] | None:
        made, substantial = {}, constant
        for name, field in fields:
            value = field.produce(subject) if _may_give(field, subject) else None
            if value is not None:
                made[name] = value
                substantial = substantial or not field.constant
        return made if substantial and made else None

    def write(source: Source, target: str) -> None:
        made, substantial = source.variable("made"), source.variable("substantial")
        source.line(f"{made} = {{}}")
        source.line(f"{substantial} = {constant}")
        fields_here = fields if shared is None else _write_alike(source, fields, shared)
        for name, field in fields_here:
            _write_member(source, name, field, made, substantial)
        source.line(f"{target} = {made} if {substantial} and {made} else None")

    return Field(produce, write, constant, needs=any_needs(changing) if changing else ())


def _may_give(field: Field, subject: Subject) -> bool:
    return not any(needed.isdisjoint(subject.values) for needed in field.needs)


def _nobody_has() -> Field:
    """What it is about, the catalogue does not have."""
    return Field(lambda subject: None, lambda source, target: source.line(f"{target} = None"), needs=(NOTHING,))


def _write_alike(source: Source, fields: list[Named], shared: dict[Any, Any]) -> list[Named]:
    """What every locale says alike is worked out by one call, once a subject; then these fields are just taken."""
    alike = list({id(field.alike): field.alike for _, field in fields if field.alike}.values())
    if not alike:
        return fields
    group = tuple(map(id, alike))
    if group not in shared:
        shared[group] = alike, once_a_subject(_all_at_once(alike))  # the fields stay, and so do their ids
    variables = {id(field): source.variable("alike") for field in alike}
    source.line(f"({', '.join(variables.values())},) = {source.named(shared[group][1], 'get')}(subject)")
    return [(name, _taken(field, variables[id(field.alike)]) if field.alike else field) for name, field in fields]


def _taken(field: Field, variable: str) -> Field:
    return field._replace(write=lambda source, target: source.line(f"{target} = {variable}"), needs=())


def _all_at_once(fields: list[Field]) -> Getter:
    """A tuple of what they give."""
    source, values = Source(), []
    for field in fields:
        value = source.variable("value")
        values.append(value)
        source.line(f"{value} = None")
        with source.block(f"if {condition_of(source, field.needs)}:"):
            write_field(source, field, value)
    return source.function(f"({', '.join(values)},)")


def _write_member(source: Source, name: str, field: Field, made: str, substantial: str) -> None:
    value = source.variable("value")
    with source.block(f"if {condition_of(source, field.needs)}:"):
        write_field(source, field, value)
        with source.block(f"if {value} is not None:"):
            source.line(f"{made}[{name!r}] = {value}")
            if not field.constant:
                source.line(f"{substantial} = True")


def condition_of(source: Source, needs: Needs) -> str:
    """The expression that holds for products with the attributes that a field needs."""
    return " and ".join(_one_is_there(source, needed) for needed in needs) or "True"


def _one_is_there(source: Source, codes: frozenset[str]) -> str:
    if len(codes) > FEW:
        return f"not {source.named(codes, 'needed')}.isdisjoint(values)"
    return f"({' or '.join(f'{code!r} in values' for code in sorted(codes))})"


def requiring(field: Field, required: list[str]) -> Field:
    """The object, or nothing when one of its required fields is not there."""

    def produce(subject: Subject) -> Any:
        made = field.produce(subject)
        return made if made is not None and all(name in made for name in required) else None

    def write(source: Source, target: str) -> None:
        write_field(source, field, target)
        needed = source.named(frozenset(required), "required")
        source.line(f"if {target} is not None and not {target}.keys() >= {needed}: {target} = None")

    return field._replace(produce=produce, write=write)


def each_of(entries: list[Field]) -> Field:
    """A list of all that the entries give."""

    def produce(subject: Subject) -> list[Any] | None:
        made: list[Any] = []
        for entry in entries:
            gather(made, entry.produce(subject) if _may_give(entry, subject) else None)
        return made or None

    def write(source: Source, target: str) -> None:
        made, value = source.variable("made"), source.variable("value")
        source.line(f"{made} = []")
        for entry in entries:
            with source.block(f"if {condition_of(source, entry.needs)}:"):
                write_field(source, entry, value)
                source.line(f"if {value}.__class__ is list: {made} += {value}")
                source.line(f"elif {value} is not None: {made}.append({value})")
        source.line(f"{target} = {made} or None")

    return _of_entries(produce, write, entries)


def gather(made: list[Any], value: Any) -> None:
    """Lists are flattened one level, nothing is dropped."""
    if value.__class__ is list:
        made += value
    elif value is not None:
        made.append(value)


def first_of(entries: list[Field]) -> Field:
    """What the first entry gives that gives something."""
    asked = [entry for entry in entries if NOTHING not in entry.needs]

    def produce(subject: Subject) -> Any:
        for entry in asked:
            value = entry.produce(subject)
            if value is not None:
                return value
        return None

    def write(source: Source, target: str) -> None:
        source.line(f"{target} = None")
        for entry in asked:
            with source.block(f"if {target} is None:"):
                write_field(source, entry, target)

    return _of_entries(produce, write, entries)


def _of_entries(produce: Callable[[Subject], Any], write: Any, entries: Iterable[Field]) -> Field:
    entries = list(entries)
    constant = all(entry.constant for entry in entries)
    return Field(produce, write, constant, any(entry.open for entry in entries), any_needs(entries))
