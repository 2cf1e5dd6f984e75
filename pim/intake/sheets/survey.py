"""What the products and product models of an export hold: first look at all of them, then write their columns."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from pim.catalog import store
from pim.catalog.model import PRODUCT_MODEL, Attribute, Entity
from pim.catalog.structure import Structure
from pim.versioning.associations import FIELDS

ValuePlace = tuple[str, str | None, str | None]
"""(attribute, locale, scope)"""


@dataclass(slots=True)
class Survey:
    """`levels` are (family, family variant, level) that are there; a simple product has no variant."""

    count: int = 0
    nameless: bool = False
    places: set[ValuePlace] = field(default_factory=set)
    currencies: set[str] = field(default_factory=set)
    levels: set[tuple[str, str | None, int]] = field(default_factory=set)
    associations: set[tuple[str, str, bool]] = field(default_factory=set)
    """(association type, kind of target, whether with quantities)"""

    def add(self, session: Session, entities: list[Entity]) -> None:
        models = store.models_with_parents(session, {parent for e in entities if (parent := e.document["parent"])})
        for entity in entities:
            self.count += 1
            self._add(entity, store.ancestors_of(entity, models))

    def _add(self, entity: Entity, ancestors: tuple[Entity, ...]) -> None:
        document = entity.document
        self.nameless |= entity.kind != PRODUCT_MODEL and document["identifier"] is None
        top = ancestors[0].document if ancestors else document
        if document["family"]:
            self.levels.add((document["family"], top.get("family_variant"), len(ancestors)))
        for code, entries in document["values"].items():
            for entry in entries:
                self.places.add((code, entry["locale"], entry["scope"]))
                if isinstance(entry["data"], list):
                    self.currencies.update(map(_currency, entry["data"]))
        for name in FIELDS:
            for code, kinds in (document.get(name) or {}).items():
                self.associations.update((code, kind, name == FIELDS[1]) for kind in kinds)

    def attributes(self, structure: Structure) -> dict[str, set[tuple[str | None, str | None]]]:
        """Attribute → the places to write: those of the families and levels that are there, and those in use."""
        found: dict[str, set[tuple[str | None, str | None]]] = {}
        for family, variant, level in self.levels:
            for code in _held(family, variant, level, structure):
                found.setdefault(code, set()).update(structure.places(structure.attributes[code]))
        for code, locale, scope in self.places:
            found.setdefault(code, set()).add((locale, scope))
        return found

    def currencies_of(self, structure: Structure) -> list[str]:
        return sorted((self.currencies & structure.currencies.keys()) | structure.active_currencies)


def _currency(member: Any) -> str:
    """Of a price; members of other lists have none."""
    return str(member.get("currency", "")) if isinstance(member, dict) else ""


def _held(family: str, variant: str | None, level: int, structure: Structure) -> Iterable[str]:
    if family not in structure.families:
        return ()
    if variant is None or variant not in structure.family_variants.get(family, {}):
        return structure.families[family].attributes
    return structure.attributes_at(family, variant, level)


def in_order(attributes: Mapping[str, object], structure: Structure) -> Iterator[Attribute]:
    """As forms show them: by group, then by their own order. The identifier has a column of its own."""
    groups = structure.attribute_groups

    def position(attribute: Attribute) -> tuple[int, str, int, str]:
        group = groups.get(attribute.group or "")
        return (group.sort_order if group else 0), attribute.group or "", attribute.sort_order, attribute.code

    known = (structure.attributes[code] for code in attributes if code in structure.attributes)
    yield from sorted((one for one in known if one.code != structure.identifier_attribute), key=position)
