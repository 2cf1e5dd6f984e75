"""Products and product models into a sheet that imports back without a change."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from sqlmodel import Session, col

from pim.base.database import Database
from pim.base.errors import InvalidInput, Violation, known
from pim.catalog import store
from pim.catalog.filters import parse_search, product_page, read_search
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Entity
from pim.catalog.structure import Structure
from pim.catalog.tables import ProductModelRow, ProductRow
from pim.intake.sheets.legend import LEGEND, LEGEND_HEADER, legend_rows
from pim.intake.sheets.model import OURS, ColumnMapping
from pim.intake.sheets.out_columns import OutColumn, mapped_columns, own_columns
from pim.intake.sheets.sheet_file import SheetFile, open_sheet_file
from pim.intake.sheets.survey import Survey
from pim.intake.sheets.worksheets import MODELS_SHEET, PRODUCTS_SHEET
from pim.versioning.associations import members_of
from pim.versioning.store import current_structure, head_revision

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which products, and what of them; None is everything. `search` is in the grammar of the API. `locales` and
    `scopes` narrow values that vary; those that do not are always written."""

    search: str | None = None
    family: str | None = None
    attributes: frozenset[str] | None = None
    locales: frozenset[str] | None = None
    scopes: frozenset[str] | None = None
    models: bool = False


@dataclass(slots=True)
class Written:
    """What a sheet holds."""

    path: str
    revision: int
    products: int = 0
    product_models: int = 0
    columns: int = 0


def write_products(database: Database, path: Path, wanted: Wanted, mapping: ColumnMapping = OURS) -> Written:
    """1. Looks at all that is wanted, for the columns it needs. 2. Writes it, as of one revision.

    A variant's row has its own values only; those of its models are in the models' rows. Values in columns that are not
    written stay untouched when the sheet is imported. Raises InvalidInput and NotFound for what is wrong with `wanted`,
    Unreadable for a search that is no JSON.
    """
    with database.snapshot_session() as session:
        written = Written(str(path), head_revision(session))
        structure = current_structure(session)
        _check(wanted, structure)
        with open_sheet_file(path, mapping.delimiter) as file:
            _write(session, file, path, wanted, mapping, structure, written)
    return written


def _write(
    session: Session,
    file: SheetFile,
    path: Path,
    wanted: Wanted,
    mapping: ColumnMapping,
    structure: Structure,
    written: Written,
) -> None:
    """A workbook of our own has a sheet a kind, and one that explains its columns; CSV and mapped sheets have one."""
    kinds = [PRODUCT_MODEL, PRODUCT] if wanted.models else [PRODUCT]
    apart = path.suffix.lower() == ".xlsx" and not mapping.columns
    explained: dict[str, OutColumn] = {}
    for together in [[kind] for kind in kinds] if apart else [kinds]:
        survey = _survey(session, together, wanted, structure)
        columns = mapped_columns(mapping, structure)
        if not mapping.columns:
            columns = own_columns(together, survey, _places(survey, wanted, structure), mapping, structure)
        title = MODELS_SHEET if together == [PRODUCT_MODEL] else mapping.sheet or PRODUCTS_SHEET
        rows = _rows(session, together, wanted, columns, structure, written)
        file.add(title, [column.header for column in columns], rows, mapping.header_row)
        explained |= {column.header: column for column in columns}
    written.columns = len(explained)
    if apart:
        file.add(LEGEND, LEGEND_HEADER, legend_rows(explained.values(), structure))


def _check(wanted: Wanted, structure: Structure) -> None:
    asked: list[tuple[str, Collection[str], Collection[str]]] = [
        ("family", [wanted.family] if wanted.family else [], structure.families),
        ("attributes", wanted.attributes or (), structure.attributes),
        ("locales", wanted.locales or (), structure.active_locales),
        ("scope", wanted.scopes or (), structure.channels),
    ]
    problems = [
        Violation(name, "unknown", f"`{name}`: `{code}` does not exist; {known(there)}")
        for name, codes, there in asked
        for code in sorted(set(codes) - set(there))
    ]
    if problems:
        raise InvalidInput(problems)


def _survey(session: Session, kinds: list[str], wanted: Wanted, structure: Structure) -> Survey:
    survey = Survey()
    for kind in kinds:
        for entities in _found(session, kind, wanted, structure):
            survey.add(session, entities)
    return survey


def _places(survey: Survey, wanted: Wanted, structure: Structure) -> dict[str, list[tuple[str | None, str | None]]]:
    found = survey.attributes(structure)
    if wanted.attributes is not None:
        chosen = wanted.attributes - found.keys()
        found |= {code: set(structure.places(structure.attributes[code])) for code in chosen}
        found = {code: places for code, places in found.items() if code in wanted.attributes}
    kept = {code: [place for place in places if _is_wanted(place, wanted)] for code, places in found.items()}
    return {code: places for code, places in kept.items() if places}


def _is_wanted(place: tuple[str | None, str | None], wanted: Wanted) -> bool:
    locale, scope = place
    return (wanted.locales is None or locale is None or locale in wanted.locales) and (
        wanted.scopes is None or scope is None or scope in wanted.scopes
    )


def _found(session: Session, kind: str, wanted: Wanted, structure: Structure) -> Iterator[list[Entity]]:
    """In the order in which they were made, in batches. Product models are those above the products that a search
    finds."""
    if kind == PRODUCT_MODEL and wanted.search:
        yield from _models_above(session, wanted, structure)
        return
    search = parse_search(_search(wanted), structure=structure, kind=kind)
    table, read = (ProductRow, store.products) if kind == PRODUCT else (ProductModelRow, store.product_models)
    after: int | None = None
    while ids := product_page(session, search, after=after, limit=_BATCH).ids:
        yield read(session, store.among(col(table.id), ids))
        after = ids[-1]


def _search(wanted: Wanted) -> str | None:
    if wanted.family is None:
        return wanted.search
    search = dict(read_search(wanted.search))
    conditions = search.get("family", [])
    in_family = {"operator": "IN", "value": [wanted.family]}
    return msgspec.json.encode({**search, "family": [*conditions, in_family]}).decode()


def _models_above(session: Session, wanted: Wanted, structure: Structure) -> Iterator[list[Entity]]:
    codes: set[str] = set()
    for entities in _found(session, PRODUCT, wanted, structure):
        codes.update(parent for entity in entities if (parent := entity.document["parent"]))
    models = store.models_with_parents(session, codes)
    yield sorted(models.values(), key=lambda model: model.id)


def _rows(
    session: Session,
    kinds: Iterable[str],
    wanted: Wanted,
    columns: list[OutColumn],
    structure: Structure,
    written: Written,
) -> Iterator[list[Any]]:
    for kind in kinds:
        for entities in _found(session, kind, wanted, structure):
            uuids = {uuid for entity in entities for uuid in members_of(entity.document, "products")}
            names = store.identifiers_of(session, uuids)
            for entity in entities:
                yield [column.cell(entity, names) for column in columns]
            written.products += len(entities) if kind == PRODUCT else 0
            written.product_models += len(entities) if kind == PRODUCT_MODEL else 0
