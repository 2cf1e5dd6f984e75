"""What one edit adds to the log, by its kind: tables and indexes of what was changed, by whom and when."""

from collections.abc import Callable, Sequence
from random import Random

from sqlalchemy import text
from sqlmodel import Session

from pim.base.clock import now
from pim.base.database import Database
from pim.bench.measure import Figures
from pim.catalog.model import PRODUCT, Document
from pim.catalog.store import products_by_code
from pim.versioning.commit import commit_or_raise
from pim.versioning.model import Edit, Origin

CHANGESETS, EDITS = 50, 20
LOG = ("change", "changeset")
CATEGORY = "pantry_gifts"
SENTENCE = "A plain shape that ages better than fashion, drawn in Savoie and tried by three hut wardens. "

Kind = Callable[[Sequence[str], Random], list[Edit]]
"""The edits of one changeset, of products with these codes."""


def bytes_by_kind(database: Database, codes: Sequence[str]) -> Figures:
    """Makes so many edits of each kind, in small changesets, and tells what the log has grown by each."""
    random, figures = Random(3), Figures()
    with database.session() as session:
        originals = {entity.code: entity.document for entity in products_by_code(session, codes) if entity.code}
    kinds = {**OF_VALUES, "creation": _copies(originals), "deletion": _deletion}
    for name, kind in kinds.items():
        before = log_bytes(database)
        for number in range(CHANGESETS):
            chosen = list(codes[number * EDITS : (number + 1) * EDITS])
            with database.session() as session:
                commit_or_raise(session, kind(chosen, random), Origin("bench", "api"), now())
        figures[f"history.bytes.{name}"] = round((log_bytes(database) - before) / (CHANGESETS * EDITS))
    return figures


def log_bytes(database: Database) -> int:
    with database.session() as session:
        return sum(_size(session, table) for table in LOG)


def _size(session: Session, table: str) -> int:
    return int(session.execute(text(f"SELECT pg_total_relation_size('{table}')")).scalar_one())


def _short_value(codes: Sequence[str], random: Random) -> list[Edit]:
    return [_changed(code, "mpn", [_value(f"CR-{random.randrange(10**7):07}")]) for code in codes]


def _long_text(codes: Sequence[str], random: Random) -> list[Edit]:
    """The description in one language, some 300 letters before and after."""
    return [
        _changed(code, "description", [_value(f"<p>{3 * SENTENCE}{random.random()}</p>", "en_GB", "ecommerce")])
        for code in codes
    ]


def _price(codes: Sequence[str], random: Random) -> list[Edit]:
    """In two currencies."""
    prices = [{"amount": f"{random.randint(5, 400)}.{n % 100:02}", "currency": "EUR"} for n in range(len(codes))]
    pounds = [{"amount": price["amount"], "currency": "GBP"} for price in prices]
    return [
        _changed(code, "price", [_value([euro, pound])])
        for code, euro, pound in zip(codes, prices, pounds, strict=True)
    ]


def _category(codes: Sequence[str], random: Random) -> list[Edit]:
    return [Edit(PRODUCT, code, {"add_categories": [CATEGORY]}, must="exist") for code in codes]


def _copies(originals: dict[str, Document]) -> Kind:
    """Creates products as rich as those; only the number that nobody shares is left out."""
    values = {code: {k: v for k, v in document["values"].items() if k != "ean"} for code, document in originals.items()}

    def creation(codes: Sequence[str], random: Random) -> list[Edit]:
        documents = [{**originals[code], "identifier": _new(code), "values": values[code]} for code in codes]
        return [Edit(PRODUCT, document["identifier"], document, must="create") for document in documents]

    return creation


def _deletion(codes: Sequence[str], random: Random) -> list[Edit]:
    """Of what was created before."""
    return [Edit(PRODUCT, _new(code), None, must="exist") for code in codes]


def _new(code: str) -> str:
    return f"NEW-{code}"


def _changed(code: str, attribute: str, values: list[Document]) -> Edit:
    return Edit(PRODUCT, code, {"values": {attribute: values}}, must="exist")


def _value(data: object, locale: str | None = None, scope: str | None = None) -> Document:
    return {"locale": locale, "scope": scope, "data": data}


OF_VALUES: dict[str, Kind] = {
    "short_value": _short_value,
    "long_text": _long_text,
    "price": _price,
    "category": _category,
}
