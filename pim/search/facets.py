"""What was found, counted: by family, category, completeness, and the values of filterable attributes.

Each value comes with the filter that narrows the search to it, and finds as many as the facet says. Categories count
what is below them. A facet shows its most frequent values.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, case, func, select, union_all
from sqlmodel import Session, col

from pim.base.errors import InvalidInput, Violation, known
from pim.catalog.filter_grammar import KIND_OF_TYPE, Filter
from pim.catalog.filter_rows import value_rows
from pim.catalog.model import Attribute, Labels
from pim.catalog.tables import CompletenessRow, ProductModelRow, ProductRow
from pim.search.query_language import quoted
from pim.search.reader import Reader

MOST_VALUES = 50
USUAL = ("family", "category", "brand", "complete")
BANDS = ((100, 100), (50, 99), (0, 49))
"""Of completeness, in percent."""

_COUNTED_KINDS = frozenset({"option", "reference", "boolean", "text", "number", "date"})


@dataclass(frozen=True, slots=True)
class FacetValue:
    """`query` is what to add to the search."""

    value: str
    label: str
    count: int
    query: str


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    values: tuple[FacetValue, ...]


def count_facets(
    session: Session, chosen: Sequence[ColumnElement[bool]], names: Sequence[str], reader: Reader
) -> list[Facet]:
    """`names` are attributes and `family`, `category`, `complete`. Raises InvalidInput for others."""
    problems = [problem for name in names if (problem := _uncountable(name, reader)) is not None]
    if problems:
        raise InvalidInput(problems)
    found = (
        select(col(ProductRow.id), col(ProductRow.parent_id)).where(*chosen).cte("found").prefix_with("MATERIALIZED")
    )
    return [Facet(name, tuple(_counted(session, found, name, reader))) for name in names]


def usual_facets(reader: Reader) -> list[str]:
    return [name for name in USUAL if _uncountable(name, reader) is None]


def _uncountable(name: str, reader: Reader) -> Violation | None:
    if name in ("family", "category", "complete"):
        return None
    code, _, _ = name.partition("@")
    attribute = reader.attribute(code)
    if attribute is None or not attribute.useable_as_grid_filter:
        filterable = [c for c in reader.structure.filterable_attributes if reader.attribute(c)]
        message = f"there is no facet `{name}`; family, category, complete, {known(filterable)}"
        return Violation("facets", "unknown_facet", message)
    if KIND_OF_TYPE.get(attribute.type) not in _COUNTED_KINDS or attribute.type == "pim_catalog_textarea":
        message = f"values of `{code}` ({attribute.type}) are not counted; filter by {code}:…"
        return Violation("facets", "not_counted", message)
    if _place(attribute, name, reader) not in reader.structure.places(attribute):
        return Violation("facets", "no_place", f"`{code}` varies by locale or channel; write {code}@…, or choose one")
    return None


def _counted(session: Session, found: CTE, name: str, reader: Reader) -> Iterator[FacetValue]:
    match name:
        case "family":
            return _families(session, found, reader)
        case "category":
            return _categories(session, found, reader)
        case "complete":
            return _completeness(session, found, reader)
    attribute = reader.structure.attributes[name.partition("@")[0]]
    return _values(session, found, attribute, name, reader)


def _families(session: Session, found: CTE, reader: Reader) -> Iterator[FacetValue]:
    query = select(col(ProductRow.family), func.count()).join(found, found.c.id == col(ProductRow.id))
    counts = _pairs(session, query.group_by(col(ProductRow.family)))
    for code, count in _most(counts):
        family = reader.structure.families.get(code or "")
        label = _label(family.labels if family else {}, code or "", reader)
        yield FacetValue(code or "", label, count, f"family:{quoted(code)}" if code else "family:none")


def _categories(session: Session, found: CTE, reader: Reader) -> Iterator[FacetValue]:
    """The lists of categories are counted, and each product then once under every category that reaches it."""
    held = _held(found)
    own = union_all(
        select(held.c.product, func.unnest(col(ProductRow.categories)).label("code")).join(
            ProductRow, col(ProductRow.id) == held.c.holder
        ),
        select(held.c.product, func.unnest(col(ProductModelRow.categories))).join(
            ProductModelRow, col(ProductModelRow.id) == held.c.holder
        ),
    ).subquery()
    lists = select(func.array_agg(own.c.code.distinct()).label("codes")).group_by(own.c.product).subquery()
    counts: Counter[str] = Counter()
    for codes, count in session.execute(select(lists.c.codes, func.count()).group_by(lists.c.codes)):
        known_codes = (code for code in codes if code in reader.structure.categories)
        for code in {above.code for one in known_codes for above in reader.structure.category_path(one)}:
            counts[code] += count
    for code, count in _most(counts):
        label = _label(reader.structure.categories[code].labels, code, reader)
        yield FacetValue(code, label, count, f"category:{quoted(code)}")


def _completeness(session: Session, found: CTE, reader: Reader) -> Iterator[FacetValue]:
    """In bands, for each channel and locale, or those that the search is for."""
    channels = [c for c in reader.structure.channels.values() if reader.scope in (None, c.code)]
    for channel in channels:
        for locale in reader.among_seen(channel.locales):
            if reader.locale not in (None, locale):
                continue
            percent = col(CompletenessRow.ratios)[channel.code][locale].as_integer()
            band = case(*((percent >= least, least) for least, _ in BANDS))
            query = select(band, func.count()).join(found, found.c.id == col(CompletenessRow.entity_id))
            counts = _pairs(session, query.where(percent.is_not(None)).group_by(band))
            for least, most in BANDS:
                if least in counts:
                    where = f"{channel.code}/{locale}"
                    shown = f"{least}–{most}" if least != most else f"{least}"
                    typed = f"complete:{where}={least}..{most}" if least != most else f"complete:{where}"
                    yield FacetValue(f"{where}={shown}", f"{where} {shown} %", counts[least], typed)


def _values(session: Session, found: CTE, attribute: Attribute, name: str, reader: Reader) -> Iterator[FacetValue]:
    """A variant's are those of its product models, too."""
    kind = KIND_OF_TYPE[attribute.type]
    asked = Filter(attribute.code, kind, "NOT EMPTY", None, attribute, *_place(attribute, name, reader))
    rows = value_rows(session, asked, reader.structure)
    held = _held(found)
    many = func.count(held.c.product.distinct())
    query = (
        select(rows.data, many)
        .select_from(rows.rows)
        .join(held, held.c.holder == rows.rows.c.entity_id)
        .where(*rows.conditions, rows.data.is_not(None))
        .group_by(rows.data)
        .order_by(many.desc(), rows.data)
        .limit(MOST_VALUES)
    )
    for data, count in session.execute(query):
        value, label, typed = _as_typed(data, kind, attribute, reader)
        yield FacetValue(value, label, count, f"{name}:{typed}")


def _as_typed(data: Any, kind: str, attribute: Attribute, reader: Reader) -> tuple[str, str, str]:
    """(value, label, how it is typed behind the colon)."""
    match kind:
        case "boolean":
            word = "yes" if data else "no"
            return word, word, word
        case "number":
            written = f"{data.normalize():f}"
            return written, written, written
        case "date":
            day = data.date().isoformat()
            return day, day, day
        case "text":
            return data, data, f"={quoted(data)}"
    option = reader.structure.options.get(attribute.code, {}).get(data)
    return data, _label(option.labels if option else {}, data, reader), quoted(data)


def _held(found: CTE) -> Any:
    """(product, holder): each product found, with itself and the product models above it."""
    parent = select(found.c.id, found.c.parent_id).where(found.c.parent_id.is_not(None))
    above = (
        select(found.c.id, col(ProductModelRow.parent_id))
        .join(ProductModelRow, col(ProductModelRow.id) == found.c.parent_id)
        .where(col(ProductModelRow.parent_id).is_not(None))
    )
    own = select(found.c.id.label("product"), found.c.id.label("holder"))
    return union_all(own, parent, above).subquery()


def _pairs(session: Session, query: Select[*tuple[Any, ...]]) -> dict[Any, int]:
    return {row[0]: row[1] for row in session.execute(query)}


def _most(counts: Mapping[Any, int]) -> list[tuple[Any, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0] or ""))[:MOST_VALUES]


def _label(labels: Labels, code: str, reader: Reader) -> str:
    return labels.get(reader.locale or "") or next((label for label in labels.values() if label), code)


def _place(attribute: Attribute, name: str, reader: Reader) -> tuple[str | None, str | None]:
    _, *places = name.split("@")
    locale = next((one for one in places if one in reader.active_locales), reader.locale)
    scope = next((one for one in places if one in reader.structure.channels), reader.scope)
    return (locale if attribute.localizable else None), (scope if attribute.scopable else None)
