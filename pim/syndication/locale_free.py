"""Which fields of a mapping say the same in every locale: these are worked out once a product, not once a locale.

A field is locale-free when its attributes do not vary by locale, its facts are codes, and its transforms look at
nothing but the value. Whatever is not known to be free is not.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from pim.catalog.model import Resolved
from pim.exports.check import names_in
from pim.exports.model import source_of, specification
from pim.syndication.context import MappingContext
from pim.syndication.subject import Getter, Subject

TRANSFORMS = frozenset((
    "strip_html", "html_clean", "collapse", "truncate", "at_most", "truncate_bytes", "upper", "lower", "capitalise",
    "unshout", "slug", "prefix", "suffix", "replace", "lines", "sentences", "split", "join", "first", "last", "limit",
    "unique", "at_least", "minimum", "maximum", "count", "only", "drop", "number", "decimals", "between", "convert",
    "quantity", "base_measure", "unit_code", "gtin", "gtin14", "isbn", "instant", "year", "media_url", "image",
    "image_within", "url_encode",
))  # fmt: skip
"""Those that look at no locale, language or currency. Where their parameter names one in `{…}` they are not free."""

FACTS = frozenset((
    "$code", "$id", "$identifier", "$uuid", "$kind", "$root", "$parent", "$family", "$axes", "$category",
    "$category_path", "$categories", "$all_categories", "$enabled", "$created", "$updated",
))  # fmt: skip
"""Without `label`, which is not free."""

TYPES = frozenset((
    "identifier", "text", "textarea", "number", "metric", "boolean", "date", "simpleselect", "multiselect", "image",
    "file",
))  # fmt: skip
"""Of attributes: prices depend on the locale's currency, records, assets and tables may bring texts of their own."""

SOURCES = frozenset(("from", "const", "fields", "each", "first_of"))
PARTS = SOURCES | {"map", "then", "default", "when", "requires"}
"""`within` notes for each item when it changes: it is never left out."""

MOST_SUBJECTS = 64
"""Neighbours whose values are kept: a root is shown in all locales before the next one comes."""


def is_locale_free(field: Any, context: MappingContext) -> bool:
    spec = specification(field)
    if not spec.keys() <= PARTS or not all(_is_free(name, context) for _, name in names_in(spec)):
        return False
    if not all(_is_free_step(step) for step in spec.get("then", ())):
        return False
    return all(is_locale_free(inner, context) for inner in _inside(spec))


def spelled(field: Any, closed: bool) -> bytes:
    """The same for fields that do the same."""
    return msgspec.json.encode((field, closed))


def once_a_subject(produce: Getter) -> Getter:
    """What it answers is shared between locales: nobody changes it."""
    known: dict[int, tuple[Resolved, Any]] = {}

    def get(subject: Subject) -> Any:
        resolved = subject.resolved
        found = known.get(id(resolved))
        if found is not None and found[0] is resolved:
            return found[1]
        value = produce(subject)
        if len(known) >= MOST_SUBJECTS:
            known.clear()
        known[id(resolved)] = (resolved, value)
        return value

    return get


def _inside(spec: dict[str, Any]) -> Iterable[Any]:
    inner = spec[source_of(spec)]
    match source_of(spec):
        case "fields":
            return list(inner.values())
        case "each" | "first_of":
            return list(inner)
        case _:
            return ()


def _is_free(name: str, context: MappingContext) -> bool:
    if name.startswith("$"):
        return name in FACTS
    attribute = context.structure.attributes.get(name)
    if attribute is None:
        return "." not in name  # the catalogue does not have it in any locale
    kind = attribute.type.removeprefix("pim_catalog_")
    return not attribute.localizable and not attribute.available_locales and kind in TYPES


def _is_free_step(step: Any) -> bool:
    name, parameter = (step, "") if isinstance(step, str) else next(iter(step.items()))
    return name in TRANSFORMS and not (isinstance(parameter, str) and "{" in parameter)
