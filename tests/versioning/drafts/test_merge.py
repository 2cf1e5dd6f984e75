"""Laws of the merge: of single cells, and of drafts that change different things."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pim.base.database import Database
from pim.base.errors import PimError
from pim.catalog import store as catalog_store
from pim.versioning.model import Cell, Edit
from pim.versioning.three_way import Disagreement, merged
from tests.conftest import emptied
from tests.makers import ORIGIN, a_product, commit, value
from tests.makers import given as given_catalogue
from tests.versioning.drafts.makers import applied, draft, rows
from tests.versioning.random_edits import edits
from tests.versioning.test_time import once_each

VALUE = Cell("values", "pages")
CATEGORIES = Cell("categories")
members = st.lists(st.sampled_from("abcde"), unique=True)
numbers = st.one_of(st.none(), st.integers(0, 3))


@given(base=numbers, ours=numbers, theirs=numbers)
def test_a_value_is_overwritten_by_nobody(base, ours, theirs):
    try:
        both = merged(VALUE, base, ours, theirs)
    except Disagreement:
        assert len({base, ours, theirs}) == 3 or ours == base != theirs
    else:
        assert both == ours
        assert theirs in (base, ours)


@given(base=members, ours=members, theirs=members)
def test_sets_merge_the_same_from_both_sides_and_keep_what_either_wants(base, ours, theirs):
    both = set(merged(CATEGORIES, base, ours, theirs))
    assert both == set(merged(CATEGORIES, base, theirs, ours))
    assert both == ({*ours} & {*theirs}) | ({*ours, *theirs} - {*base})


@settings(once_each, max_examples=8)
@given(one=st.lists(edits, max_size=4), other=st.lists(edits, max_size=4))
def test_drafts_that_change_different_things_can_be_applied_in_either_order(database, one, other):
    results = []
    for order in (("one", "other"), ("other", "one")):
        _prepared(database, one, other)
        if not _disjoint(database):
            return
        if any(applied(database, code).conflicts for code in order if rows(database, code)):
            return  # apart both are valid, together they are not
        results.append(_documents(database))
    assert results[0] == results[1]


def _prepared(database: Database, one: list[Edit], other: list[Edit]) -> None:
    """Both drafts begin from the same catalogue."""
    emptied(database)
    given_catalogue(database)
    commit(database, *(a_product(code, values={"name": value("z", "fr_FR")}) for code in ("hat", "mug")), origin=ORIGIN)
    for code, wanted in (("one", one), ("other", other)):
        for edit in wanted:
            try:
                draft(database, code, edit)
            except PimError:
                continue


def _disjoint(database: Database) -> bool:
    """Whether no two edits are about one cell, or about something that one of them creates or deletes."""
    cells = [
        {(row.kind, row.code, row.path, row.attribute, row.locale, row.scope) for row in rows(database, code)}
        for code in ("one", "other")
    ]
    whole = [{cell[:2] for cell in own if cell[2] in "+-"} for own in cells]
    named = [{cell[:2] for cell in own} for own in cells]
    return not (cells[0] & cells[1] or whole[0] & named[1] or whole[1] & named[0])


def _documents(database: Database) -> dict[str, Any]:
    """By code; products that the drafts made have uuids of their own each time."""
    with database.session() as session:
        found = [*catalog_store.products(session), *catalog_store.product_models(session)]
        names = {str(entity.uuid): entity.code for entity in found}
        pieces = catalog_store.structure_entities(session)
    named = {f"{entity.kind}/{entity.code}": _named(entity.document, names) for entity in found}
    return named | {f"{piece.kind}/{piece.owner}/{piece.code}": piece.document for piece in pieces}


def _named(data: Any, names: dict[str, str]) -> Any:
    """With uuids replaced by codes, and what is in order of uuids in order of codes."""
    if isinstance(data, dict):
        return {key: _named(one, names) for key, one in data.items()}
    if isinstance(data, list):
        return sorted((_named(one, names) for one in data), key=repr)
    return names.get(data, data) if isinstance(data, str) else data
