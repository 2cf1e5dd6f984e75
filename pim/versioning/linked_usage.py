"""Who needs a record, an asset, or the structure around them: what has to be told before it may be deleted."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Select, cast, column, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlmodel import Session, col

from pim.catalog.attribute_types import compile_pattern
from pim.catalog.linked import ALWAYS_THERE, LINKED, target_of
from pim.catalog.model import Entity
from pim.catalog.structure import Structure, StructureKey
from pim.catalog.table_columns import linking_columns
from pim.catalog.tables import LinkedEntityRow, ProductModelRow, ProductRow

_SHOWN = 3

LINKED_STRUCTURE = frozenset(
    kind for linked in LINKED.values() for kind in (linked.owner, linked.attribute, linked.option)
)

Staged = Mapping[int, Entity | None]


def uses_of_linked_structure(
    session: Session, structure: Structure, key: StructureKey, staged: Staged, leaving: frozenset[StructureKey]
) -> list[str]:
    """What needs a reference entity, an asset family, one of its attributes or an option; see `usage.uses_of`."""
    kind, owner, code = key
    linked_kind, linked = next((k, one) for k, one in LINKED.items() if kind in (one.owner, one.attribute, one.option))
    if kind == linked.owner:
        return [*_links_to(structure, linked_kind, code), *_members(session, linked_kind, code, staged)]
    if kind == linked.attribute:
        return list(_of_attribute(structure, linked.owner, owner, code, leaving))
    own, _, attribute = owner.partition("/")
    return _listed(_holders(session, linked_kind, own, [attribute], code, staged))


def uses_of_linked(session: Session, structure: Structure, entity: Entity, staged: Staged) -> list[str]:
    """Products, product models, records and assets that link to a record or an asset."""
    target = (entity.kind, entity.owner)
    found: list[str] = []
    of_products = [a.code for a in structure.attributes.values() if target_of(a) == target]
    for table, name in ((ProductRow, "product"), (ProductModelRow, "product model")):
        if of_products:
            query = _holding(table, of_products, entity.code).where(col(table.id).not_in(list(staged)))
            found += [f"{name} `{code}`" for code in session.execute(query.limit(_SHOWN + 1)).scalars()]
    found += [
        f"{one.kind.replace('_', ' ')} `{one.code}`"
        for one in staged.values()
        if one is not None and one.kind not in LINKED and _holds(one, of_products, entity.code)
    ]
    for table_attribute, heading in _columns_to(structure, target):
        found += _with_cell(session, table_attribute, heading, entity.code, staged)
    for (kind, owner), attributes in structure.owned_attributes.items():
        links = [a.code for a in attributes.values() if target_of(a) == target]
        holders = _holders(session, kind, owner, links, entity.code, staged) if links else ()
        found += [name for name in holders if name != _name(entity)]
    return _listed(found)


def linked_with_scope(session: Session, channel: str, staged: Staged) -> list[str]:
    """Records and assets with a value for this channel."""
    row = LinkedEntityRow
    path = cast("$.values.*[*] ? (@.scope == $code)", JSONPATH())
    holds = func.jsonb_path_exists(col(row.document), path, func.jsonb_build_object("code", channel))
    found = select(col(row.kind), col(row.owner), col(row.code)).where(holds, col(row.id).not_in(list(staged)))
    names = [f"{one.kind} `{one.owner}/{one.code}`" for one in session.execute(found.limit(_SHOWN + 1))]
    for entity in staged.values():
        if entity is not None and entity.kind in LINKED:
            values = entity.document["values"].values()
            names += [_name(entity)] if any(one["scope"] == channel for entries in values for one in entries) else []
    return _listed(names)


def _links_to(structure: Structure, kind: str, owner: str) -> Iterator[str]:
    """Attributes whose data is records of a reference entity, or assets of a family."""
    for attribute in structure.attributes.values():
        if target_of(attribute) == (kind, owner):
            yield f"attribute `{attribute.code}`"
    for table, heading in _columns_to(structure, (kind, owner)):
        yield f"column `{heading}` of attribute `{table}`"
    for (_, holder), attributes in structure.owned_attributes.items():
        for own in attributes.values():
            if target_of(own) == (kind, owner) and (own.owner_kind, holder) != (LINKED[kind].owner, owner):
                yield f"attribute `{own.code}` of {own.owner_kind.replace('_', ' ')} `{holder}`"


def _columns_to(structure: Structure, target: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """(table attribute, column) of all whose cells name such records."""
    for code in sorted(structure.table_attributes):
        for heading, like in linking_columns(structure.attributes[code]).items():
            if target_of(like) == target:
                yield code, heading


def _with_cell(session: Session, attribute: str, heading: str, data: str, staged: Staged) -> Iterator[str]:
    """Products and product models with `data` in a cell of the column."""
    for table, name in ((ProductRow, "product"), (ProductModelRow, "product model")):
        cells = [{"data": [{heading: data}]}]
        query = select(col(table.code)).where(
            col(table.document)["values"][attribute].op("@>")(cast(cells, JSONB)), col(table.id).not_in(list(staged))
        )
        yield from (f"{name} `{code}`" for code in session.execute(query.limit(_SHOWN + 1)).scalars())
    for one in staged.values():
        values = one.document["values"].get(attribute, ()) if one is not None and one.kind not in LINKED else ()
        if one is not None and any(row.get(heading) == data for value in values for row in value["data"]):
            yield f"{one.kind.replace('_', ' ')} `{one.code}`"


def _members(session: Session, kind: str, owner: str, staged: Staged) -> list[str]:
    row = LinkedEntityRow
    query = select(col(row.code)).where(
        col(row.kind) == kind, col(row.owner) == owner, col(row.id).not_in(list(staged))
    )
    codes = list(session.execute(query.order_by(col(row.code)).limit(_SHOWN + 1)).scalars())
    codes += [e.code for e in staged.values() if e is not None and (e.kind, e.owner) == (kind, owner)]
    return _listed([f"{kind} `{code}`" for code in codes])


def _of_attribute(
    structure: Structure, owner_kind: str, owner: str, code: str, leaving: frozenset[StructureKey]
) -> Iterator[str]:
    """Values of it leave with it, as those of products do."""
    if (owner_kind, "", owner) in leaving:
        return
    if code in ALWAYS_THERE[owner_kind]:
        yield f"every {owner_kind.replace('_', ' ')}, which has one of this name"
    family = structure.asset_families.get(owner) if owner_kind == "asset_family" else None
    if family is None:
        return
    if family.attribute_as_main_media == code:
        yield f"main media of asset family `{owner}`"
    if family.naming_convention and code in compile_pattern(family.naming_convention["pattern"]).groupindex:
        yield f"naming convention of asset family `{owner}`"
    for transformation in family.transformations:
        if code in (transformation["source"]["attribute"], transformation["target"]["attribute"]):
            yield f"transformation `{transformation['label']}` of asset family `{owner}`"


def _holders(
    session: Session, kind: str, owner: str, attributes: Iterable[str], data: str, staged: Staged
) -> Iterator[str]:
    """Records or assets of an owner whose values of `attributes` are, or hold, `data`."""
    codes = list(attributes)
    row = LinkedEntityRow
    query = _holding(row, codes, data).where(col(row.kind) == kind, col(row.owner) == owner)
    found = session.execute(query.where(col(row.id).not_in(list(staged))).limit(_SHOWN + 2)).scalars()
    yield from (f"{kind} `{owner}/{code}`" for code in found)
    for entity in staged.values():
        if entity is not None and (entity.kind, entity.owner) == (kind, owner) and _holds(entity, codes, data):
            yield _name(entity)


def _holding(table: Any, attributes: Iterable[str], data: str) -> Select[Any]:
    """Codes of the rows with a value of one of `attributes` that is, or holds, `data`."""
    document = col(table.document)

    def holds(attribute: str) -> Any:
        values = document["values"][attribute]
        value = func.jsonb_array_elements(values).table_valued(column("value", JSONB()))
        return func.jsonb_exists(document["values"], attribute) & (
            select(literal(1)).select_from(value).where(func.jsonb_exists(value.c.value["data"], data)).exists()
        )

    return select(col(table.code)).where(or_(*map(holds, attributes))).order_by(col(table.code))


def _holds(entity: Entity, attributes: Iterable[str], data: str) -> bool:
    values = entity.document["values"]
    found = (value["data"] for code in attributes for value in values.get(code, ()))
    return any(data in one if isinstance(one, list) else data == one for one in found)


def _name(entity: Entity) -> str:
    return f"{entity.kind} `{entity.owner}/{entity.code}`"


def _listed(found: Iterable[str]) -> list[str]:
    names = list(found)
    return [*names[:_SHOWN], "and others"] if len(names) > _SHOWN else names
