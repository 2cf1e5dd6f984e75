"""How much of the log somebody sees: the conditions by which its queries leave out the rest.

Who sees what is decided a room away; here it arrives as ids and codes, so that pages are full and counts are right.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, Text, and_, cast, exists, func, literal, or_, select, text, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased
from sqlmodel import col

from pim.catalog.model import PRODUCT, PRODUCT_MODEL
from pim.catalog.store import among
from pim.catalog.tables import ProductModelRow, ProductRow
from pim.versioning.model import DELETED
from pim.versioning.tables import ChangeRow

Condition = Any
"""Of SQLAlchemy."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Attributes by id, locales and categories by code; None is everything. A product is seen when one of its or its
    models' categories is, or when it is in none."""

    attributes: frozenset[int] | None = None
    locales: frozenset[str] | None = None
    categories: frozenset[str] | None = None

    def of_cells(self, row: type[ChangeRow] = ChangeRow) -> Condition:
        """Rows about values that are seen, and about fields that are no values."""
        return and_(_within(row.attribute_id, self.attributes), _within(row.locale, self.locales))

    def of_entities(self) -> Condition:
        """Rows about entities that are seen now or, of what is gone, were seen last."""
        if self.categories is None:
            return true()
        of_structure = col(ChangeRow.kind).not_in([PRODUCT, PRODUCT_MODEL])
        return or_(of_structure, self._product(), self._model(), self._gone())

    def of_rows(self) -> Condition:
        return and_(self.of_cells(), self.of_entities())

    def shows(self, categories: Any) -> Condition:
        """Whether an array of categories is one whose holder is seen."""
        seen = literal(sorted(self.categories or ()), ARRAY(String()))
        return or_(func.cardinality(categories) == 0, categories.overlap(seen))

    def shows_list(self, categories: Any) -> Condition:
        """The same of a JSON list, or of none."""
        listed = func.coalesce(categories, text("'[]'::jsonb"))
        seen = literal(sorted(self.categories or ()), ARRAY(Text()))
        return or_(func.jsonb_array_length(listed) == 0, func.jsonb_exists_any(listed, seen))

    def _product(self) -> Condition:
        parent, above = aliased(ProductModelRow), aliased(ProductModelRow)
        held = col(ProductRow.categories) + _or_none(parent) + _or_none(above)
        found = (
            select(col(ProductRow.id))
            .outerjoin(parent, col(parent.id) == col(ProductRow.parent_id))
            .outerjoin(above, col(above.id) == col(parent.parent_id))
        )
        return found.where(col(ProductRow.id) == col(ChangeRow.entity_id), self.shows(held)).exists()

    def _model(self) -> Condition:
        model, above = aliased(ProductModelRow), aliased(ProductModelRow)
        found = select(col(model.id)).outerjoin(above, col(above.id) == col(model.parent_id))
        seen = self.shows(col(model.categories) + _or_none(above))
        return found.where(col(model.id) == col(ChangeRow.entity_id), seen).exists()

    def _gone(self) -> Condition:
        deletion = aliased(ChangeRow)
        there = or_(
            *(exists().where(col(table.id) == col(ChangeRow.entity_id)) for table in (ProductRow, ProductModelRow))
        )
        return ~there & exists().where(
            col(deletion.entity_id) == col(ChangeRow.entity_id),
            col(deletion.path) == DELETED,
            self.shows_list(col(deletion.old)["categories"]),
        )


EVERYTHING = Sight()


def _within(column: Any, codes: frozenset[Any] | None) -> Condition:
    if codes is None:
        return true()
    return or_(col(column).is_(None), among(col(column), sorted(codes)))


def _or_none(model: Any) -> Any:
    return func.coalesce(col(model.categories), cast([], ARRAY(String())))
