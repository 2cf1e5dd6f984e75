"""`field:value` as conditions of the API's own `search`: what is found is what the products' list finds.

What people write is understood here (a label for a code, `2kg`, `<100`, `yes`); what it means is `catalog/filters.py`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pim.base.errors import InvalidInput, Violation, known
from pim.catalog.filter_grammar import KIND_OF_TYPE, PROPERTIES
from pim.catalog.model import PRODUCT, Attribute
from pim.search.amounts import metric, number, price
from pim.search.analysis import fold
from pim.search.days import day, instant
from pim.search.query_language import FilterTyped, unquoted
from pim.search.reader import NEGATED, Condition, Misread, Reader

Conditions = dict[str, list[Condition]]
"""Property or attribute → conditions, as the parameter `search` has them."""

_ALIASES = {"category": "categories", "group": "groups", "complete": "completeness", "id": "identifier"}
NAMES = (
    "identifier",
    "family",
    "category",
    "group",
    "enabled",
    "complete",
    "created",
    "updated",
    "parent",
    "has",
    "uuid",
)
"""What is no attribute. `has:price` is for values that are there."""

_PERCENT = re.compile(r"(.+?)(<=|>=|<|>|=)(\d{1,3})(?:\.\.(\d{1,3}))?%?")
_TRUTHS = {"yes": True, "true": True, "oui": True, "1": True, "no": False, "false": False, "non": False, "0": False}
_NOTHING = "none"


def conditions_of(filters: Sequence[FilterTyped], reader: Reader) -> Conditions:
    """Raises InvalidInput naming every filter that cannot be read."""
    found: Conditions = {}
    problems: list[Violation] = []
    for one in filters:
        try:
            name, conditions = _read(one, reader)
        except Misread as problem:
            problems.append(Violation("q", "bad_filter", f"`{one.typed}`: {problem}"))
        else:
            found.setdefault(name, []).extend(conditions)
    if problems:
        raise InvalidInput(problems)
    return found


def _read(one: FilterTyped, reader: Reader) -> tuple[str, list[Condition]]:
    if one.name == "has":
        return _presence(one, reader)
    name = _ALIASES.get(one.name, one.name)
    attribute = None if name in PROPERTIES[PRODUCT] else reader.attribute(name)
    if attribute is None and name not in PROPERTIES[PRODUCT]:
        seen = reader.structure.attributes if reader.attributes is None else reader.attributes
        raise Misread(
            f"`{one.name}` is neither an attribute nor one of {', '.join(NAMES)}; {known(seen)}. "
            "Quote a text that has a colon in it"
        )
    kind = KIND_OF_TYPE.get(attribute.type, "presence") if attribute else PROPERTIES[PRODUCT][name]
    read = _READERS.get(kind)
    if read is None:
        raise Misread(f"values of `{name}` are not compared here; write has:{name} or -has:{name}")
    conditions = read(one, reader, attribute)
    return name, [{**condition, **_place(one, attribute, reader)} for condition in conditions]


def _presence(one: FilterTyped, reader: Reader) -> tuple[str, list[Condition]]:
    code = one.text
    attribute = reader.attribute(code)
    if attribute is None and code not in ("family", "groups", "parent", "identifier"):
        raise Misread(f"attribute `{code}` does not exist; {known(reader.attributes or reader.structure.attributes)}")
    return code, [{"operator": "EMPTY" if one.negated else "NOT EMPTY", **_place(one, attribute, reader)}]


def _place(one: FilterTyped, attribute: Attribute | None, reader: Reader) -> Condition:
    """`name@fr_FR@ecommerce` names locale and channel; else those of the search stand in."""
    place: Condition = {}
    if attribute is None and one.places:
        raise Misread(f"`{one.name}` does not vary by locale or channel; leave out `@{'@'.join(one.places)}`")
    for said in one.places:
        if said in reader.active_locales:
            place["locale"] = said
        elif said in reader.structure.channels:
            place["scope"] = said
        else:
            places = [*reader.active_locales, *reader.structure.channels]
            raise Misread(f"`{said}` is neither a locale nor a channel; {known(places)}")
    if attribute is not None:
        if attribute.localizable and "locale" not in place and reader.locale is None:
            example = known(reader.active_locales)
            raise Misread(f"`{one.name}` varies by locale; write {one.name}@locale:… or choose a locale ({example})")
        if attribute.scopable and "scope" not in place and reader.scope is None:
            example = known(reader.structure.channels)
            raise Misread(f"`{one.name}` varies by channel; write {one.name}@channel:… or choose a channel ({example})")
    return place


def _identifier(one: FilterTyped, reader: Reader, attribute: Attribute | None) -> list[Condition]:
    if one.text.endswith("*") and not one.negated:
        return [{"operator": "STARTS WITH", "value": one.text.rstrip("*")}]
    return [{"operator": "NOT IN" if one.negated else "IN", "value": list(one.alternatives)}]


def _text(one: FilterTyped, reader: Reader, attribute: Attribute | None) -> list[Condition]:
    """Part of the text; `=…` all of it, `…*` its beginning."""
    value = one.text
    if value.startswith("="):
        return [{"operator": "!=" if one.negated else "=", "value": unquoted(value[1:])}]
    if value.endswith("*"):
        if one.negated:
            raise Misread("what does not begin so cannot be asked; leave out the `-` or the `*`")
        return [{"operator": "STARTS WITH", "value": value.rstrip("*")}]
    return [{"operator": "DOES NOT CONTAIN" if one.negated else "CONTAINS", "value": value}]


def _option(one: FilterTyped, reader: Reader, attribute: Attribute | None) -> list[Condition]:
    assert attribute is not None
    return _one_of(one, reader.structure.options.get(attribute.code, {}), f"option of `{attribute.code}`", reader)


def _family(one: FilterTyped, reader: Reader, attribute: Attribute | None) -> list[Condition]:
    if one.text == _NOTHING:
        return [{"operator": "NOT EMPTY" if one.negated else "EMPTY"}]
    return _one_of(one, reader.structure.families, "family", reader)


def _groups(one: FilterTyped, reader: Reader, attribute: Attribute | None) -> list[Condition]:
    if one.text == _NOTHING:
        return [{"operator": "NOT EMPTY" if one.negated else "EMPTY"}]
    return _one_of(one, reader.structure.groups, "group", reader)


def _categories(one: FilterTyped, reader: Reader, attribute: Attribute | None) -> list[Condition]:
    """With everything below them."""
    if one.text == _NOTHING:
        if one.negated:
            raise Misread("write category:<root of a tree> for what is in some category")
        return [{"operator": "UNCLASSIFIED"}]
    (condition,) = _one_of(one, reader.structure.categories, "category", reader)
    return [{**condition, "operator": f"{condition['operator']} CHILDREN"}]


def _one_of(one: FilterTyped, items: Mapping[str, Any], what: str, reader: Reader) -> list[Condition]:
    codes = [code for value in one.alternatives for code in _named(value, items, what, reader)]
    return [{"operator": "NOT IN" if one.negated else "IN", "value": codes}]


def _named(value: str, items: Mapping[str, Any], what: str, reader: Reader) -> list[str]:
    """The code, or those with this label in any language, however it is written."""
    if value in items:
        return [value]
    wanted = fold(value)
    found = [code for code, item in items.items() if fold(code) == wanted or wanted in reader.label_of(item)]
    if not found:
        raise Misread(f"there is no {what} `{value}`; {known(items)}")
    return found


def _reference(one: FilterTyped, reader: Reader, attribute: Attribute | None) -> list[Condition]:
    return [{"operator": "NOT IN" if one.negated else "IN", "value": list(one.alternatives)}]


def _uuid(one: FilterTyped, reader: Reader, attribute: Attribute | None) -> list[Condition]:
    return [{"operator": "NOT IN" if one.negated else "IN", "value": list(one.alternatives)}]


def _truth(one: FilterTyped, reader: Reader, attribute: Attribute | None) -> list[Condition]:
    truth = _TRUTHS.get(one.text.lower())
    if truth is None:
        raise Misread(f"`{one.text}` is neither yes nor no; write {one.name}:yes or {one.name}:no")
    return [{"operator": "!=" if one.negated else "=", "value": truth}]


def _completeness(one: FilterTyped, reader: Reader, attribute: Attribute | None) -> list[Condition]:
    """`complete:ecommerce/fr_FR`, `complete:ecommerce` for all its locales, `complete:ecommerce/fr_FR<50`."""
    found = _PERCENT.fullmatch(one.text)
    where, operator, percent, upper = found.groups() if found else (one.text, "=", "100", None)
    scope, _, locale = where.partition("/")
    scope = reader.channel_of_export.get(scope, scope) if scope not in reader.structure.channels else scope
    channel = reader.structure.channels.get(scope)
    if channel is None:
        raise Misread(f"`{scope}` is neither a channel nor an export; {known(reader.structure.channels)}")
    seen = reader.among_seen(channel.locales)
    if locale and locale not in seen:
        raise Misread(f"channel `{scope}` does not speak `{locale}`; {known(seen)}")
    if int(percent) > 100 or int(upper or 0) > 100:
        raise Misread("completeness is a percentage, from 0 to 100")
    place: Condition = {"scope": scope}
    if locale:
        place["locale"] = locale
    elif not found:
        return [_on_all_locales(one.negated, place)]
    if upper is not None:
        if one.negated or operator != "=":
            raise Misread("a range is written =50..99, and cannot be turned round")
        return [
            {"operator": ">=", "value": int(percent), **place}, {"operator": "<=", "value": int(upper), **place}
        ]  # fmt: skip
    return [{"operator": NEGATED[operator] if one.negated else operator, "value": int(percent), **place}]


def _on_all_locales(negated: bool, place: Condition) -> Condition:
    """Complete in every locale of the channel; turned round, incomplete in some."""
    if negated:
        return {"operator": "<", "value": 100, **place}
    return {"operator": "GREATER OR EQUALS THAN ON ALL LOCALES", "value": 100, **place}


def _parent(one: FilterTyped, reader: Reader, attribute: Attribute | None) -> list[Condition]:
    if one.text == _NOTHING:
        return [{"operator": "NOT EMPTY" if one.negated else "EMPTY"}]
    if one.negated:
        raise Misread("what has another parent cannot be asked; write parent:none for what has none")
    return [{"operator": "IN", "value": list(one.alternatives)}]


ReadFilter = Callable[[FilterTyped, Reader, Attribute | None], list[Condition]]

_READERS: dict[str, ReadFilter] = {
    "identifier": _identifier,
    "text": _text,
    "file": _text,
    "number": number,
    "metric": metric,
    "price": price,
    "option": _option,
    "reference": _reference,
    "boolean": _truth,
    "date": day,
    "uuid": _uuid,
    "categories": _categories,
    "family": _family,
    "groups": _groups,
    "enabled": _truth,
    "completeness": _completeness,
    "created": instant,
    "updated": instant,
    "parent": _parent,
}
"""Kind of what is asked about, as in `filter_grammar.OPERATORS` → how its values are read."""
