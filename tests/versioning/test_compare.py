"""What differs between two revisions: all of it, and nothing else."""

from typing import Any

from hypothesis import given as drawn
from hypothesis import strategies as st

from pim.base.database import Database
from pim.catalog.model import Entity, Root
from pim.versioning.compare import Between, Diff, EntityDiff, read_diff
from pim.versioning.diff import put_cell
from pim.versioning.model import Cell, Edit
from pim.versioning.snapshot import open_snapshot
from pim.versioning.store import head_revision
from pim.versioning.words import word_changes
from tests.makers import a_product, a_small_catalogue, an_attribute, brands_and_packshots, commit, value, values
from tests.versioning.conftest import emptied
from tests.versioning.random_edits import RECORDS, changesets
from tests.versioning.test_snapshot import write
from tests.versioning.test_time import once_each

State = dict[int, Any]


def state(database: Database, revision: int) -> State:
    """Id → document, but for what is empty: who makes something need not say what it is not."""
    with database.snapshot_session() as session:
        snapshot = open_snapshot(session, revision)
        found = {entity.id: entity.document for entity in snapshot.structure.entities.values()}
        found |= {one.id: one.document for root in snapshot.roots() for one in _members(root)}
        records = (snapshot.linked("record", "brand", code) for code in RECORDS)
        found |= {one.id: one.document for one in records if one is not None}
    return {entity_id: without_empty(document) for entity_id, document in found.items()}


def _members(root: Root) -> list[Entity]:
    return [one.entity for one in (root.head, *root.models, *root.products)]


def without_empty(document: dict[str, Any]) -> dict[str, Any]:
    return {key: kept for key, kept in document.items() if kept not in (None, {}, [])}


def applied(before: State, changes: list[EntityDiff]) -> State:
    after = {entity_id: {**document} for entity_id, document in before.items()}
    for one in changes:
        if one.op == "deleted":
            del after[one.id]
            continue
        document = {"values": {}, **after.get(one.id, {})}
        for cell in one.cells:
            put_cell(document, Cell(cell.path, cell.attribute, cell.locale, cell.scope), cell.new)
        after[one.id] = without_empty(document)
    return after


def between(database: Database, old: int, new: int, limit: int | None = None, **narrowed: Any) -> Diff:
    with database.snapshot_session() as session:
        return read_diff(session, Between(old, new, **narrowed), limit)


@once_each
@drawn(changesets=changesets, ends=st.tuples(st.integers(0, 20), st.integers(0, 20)))
def test_what_differs_turns_one_revision_into_the_other(database, changesets, ends):
    emptied(database)
    for changeset in [a_small_catalogue(), brands_and_packshots(), *changesets]:
        commit(database, *changeset)
    with database.session() as session:
        head = head_revision(session)
    old, new = (min(end, head) for end in ends)
    found = between(database, old, new)
    assert applied(state(database, old), found.changes) == state(database, new)
    assert found.summary.entities == len(found.changes)


def test_what_changed_back_is_no_difference(catalogue):
    first = write(catalogue, a_product("hat", enabled=True))
    write(catalogue, a_product("hat", enabled=False), a_product("mug"))
    last = write(catalogue, a_product("hat", enabled=True), Edit("product", "mug", None))
    assert between(catalogue, first, last).changes == []


def test_a_difference_reads_backwards(catalogue):
    first = write(catalogue, a_product("hat"))
    last = write(catalogue, a_product("hat", enabled=False), a_product("mug"))
    assert [(one.code, one.op) for one in between(catalogue, last, first).changes] == [
        ("hat", "changed"), ("mug", "deleted"),
    ]  # fmt: skip
    (cell,) = between(catalogue, last, first).changes[0].cells
    assert (cell.path, cell.old, cell.new) == ("enabled", False, True)


def test_it_is_summed_up_and_narrowed_by_attribute_and_family(catalogue):
    first = write(catalogue, a_product("hat"))
    shoes = [a_product(f"shoe-{n}", family="shoes", values=values(ean=str(n))) for n in range(3)]
    last = write(catalogue, a_product("hat", values=values(ean="9"), enabled=False), *shoes)
    summary = between(catalogue, first, last, limit=1).summary
    assert summary.kinds == {"product": {"changed": 1, "created": 3}}
    assert (summary.attributes, summary.families) == ({"ean": 4}, {"shoes": 3})
    assert [one.code for one in between(catalogue, first, last, family="shoes").changes] == [
        "shoe-0", "shoe-1", "shoe-2",
    ]  # fmt: skip
    cells = [cell for one in between(catalogue, first, last, attribute="ean").changes for cell in one.cells]
    assert {cell.attribute for cell in cells} == {"ean"}


def test_values_of_a_deleted_attribute_are_named_as_it_was(catalogue):
    first = write(catalogue, an_attribute("mark"), a_product("hat", values=values(mark="9")))
    last = write(catalogue, Edit("attribute", "mark", None))
    (hat,) = [one for one in between(catalogue, first, last).changes if one.code == "hat"]
    assert [(cell.attribute, cell.old, cell.new) for cell in hat.cells] == [("mark", "9", None)]


def test_texts_are_compared_by_words(catalogue):
    def named(text: str) -> int:
        return write(catalogue, a_product("hat", values={"name": value(text, "en_GB")}))

    found = between(catalogue, named("A warm hat of wool"), named("A very warm hat of felt"))
    assert found.changes[0].cells[0].words == [
        ("same", "A"), ("new", " very"), ("same", " warm hat of "), ("old", "wool"), ("new", "felt"),
    ]  # fmt: skip


@drawn(st.text("ab <p>.\n", max_size=60), st.text("ab <p>.\n", max_size=60))
def test_the_words_of_two_texts_make_up_both(old, new):
    steps = word_changes(old, new)
    assert "".join(text for step, text in steps if step != "new") == old
    assert "".join(text for step, text in steps if step != "old") == new


def test_long_texts_are_compared_by_sentences():
    old = "One two three. " * 1000
    steps = word_changes(old, old + "Four five six.")
    assert steps == [("same", old), ("new", "Four five six.")]
