"""Rows of an export's report or preview, as a reader asked for them and as far as that reader sees the products behind
them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec
from sqlmodel import Session

from pim.access.model import User
from pim.access.permissions import visible, visible_attributes
from pim.catalog import store as catalog_store
from pim.catalog.model import PRODUCT, PRODUCT_MODEL
from pim.catalog.structure import Structure
from pim.delivery.feedback.state import FeedbackIssue
from pim.syndication.preview import PreviewRow
from pim.versioning import store

FILTERS = ("item", "locale", "field", "rule", "attribute")
_BATCH = 200

Row = dict[str, Any]


def narrowed(rows: Iterator[Row], parameters: Mapping[str, str]) -> Iterator[Row]:
    """Those that fit each filter that is given; a row's attributes are all that its field is taken from."""
    wanted = {name: parameters[name] for name in FILTERS if name in parameters}
    for row in rows:
        if all(value in row["attributes"] if name == "attribute" else row[name] == value
               for name, value in wanted.items()):  # fmt: skip
            yield row


def seen_rows(session: Session, user: User, rows: Iterator[Row]) -> Iterator[Row]:
    """Without the rows that tell a value, or a product, out of the user's view."""
    if user.view.is_everything:
        yield from rows
        return
    structure = store.current_structure(session)
    attributes, locales = visible_attributes(user, structure), user.view.locales
    of_values = (
        row
        for row in rows
        if (attributes is None or attributes.issuperset(row["attributes"]))
        and (locales is None or {row["locale"], row["attribute_locale"]} - {None} <= locales)
    )
    yield from _of_seen_items(session, user, structure, of_values)


def seen_issues(session: Session, user: User, issues: Iterator[FeedbackIssue]) -> Iterator[Row]:
    """Of products in the user's view, and of fields of which it sees all that they are taken from."""
    rows = map(msgspec.to_builtins, issues)
    if user.view.is_everything:
        return rows
    return seen_rows(session, user, (row for row in rows if row["item"] and row["attributes"]))


def seen_previews(session: Session, user: User, rows: Iterator[PreviewRow]) -> Iterator[Row]:
    """Of products in the user's view; who does not see every attribute is not told what was asked of them."""
    told = map(msgspec.to_builtins, rows)
    if user.view.is_everything:
        yield from told
        return
    structure = store.current_structure(session)
    tells_values = visible_attributes(user, structure) is not None
    for row in _of_seen_items(session, user, structure, told):
        yield row | {"reason": None} if tells_values and row["rule"] in ("where", "search") else row


def _of_seen_items(session: Session, user: User, structure: Structure, rows: Iterator[Row]) -> Iterator[Row]:
    while batch := list(islice(rows, _BATCH)):
        seen = seen_items(session, user, structure, batch)
        yield from (row for row in batch if (row["kind"], row["item"]) in seen)


def seen_differences(session: Session, user: User, rows: Iterator[Row]) -> Iterator[Row]:
    """Of what differs between publications: without fields of which nobody knows what they are taken from, too."""
    if user.view.is_everything:
        return rows
    told = ({**row, "attribute_locale": None} for row in rows if row["field"] is None or row["attributes"])
    return ({name: of for name, of in row.items() if name != "attribute_locale"}
            for row in seen_rows(session, user, told))  # fmt: skip


def seen_items(session: Session, user: User, structure: Structure, rows: Sequence[Row]) -> set[tuple[str, str]]:
    finds = {PRODUCT: catalog_store.products_by_code, PRODUCT_MODEL: catalog_store.product_models_by_code}
    codes = {kind: {row["item"] for row in rows if row["kind"] == kind} for kind in finds}
    entities = [entity for kind, find in finds.items() for entity in find(session, codes[kind])]
    resolved = catalog_store.resolve_all(session, entities)
    return {(one.kind, one.entity.code) for one in resolved if visible(user, structure, one.document) is not None}
