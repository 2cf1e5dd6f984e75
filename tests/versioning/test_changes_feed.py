"""The ordered feed of what changed: whoever follows it has the catalogue."""

import pytest

from pim.base.errors import InvalidInput
from pim.versioning.changes_feed import FeedEntry, Position, changes_feed, parse_position
from pim.versioning.model import Edit
from pim.versioning.revert import revert_changeset
from pim.versioning.store import head_revision
from tests.makers import NOW, ORIGIN, a_product, a_product_model, a_small_catalogue, commit, given, options, values


def _read(database, after: Position, limit: int = 100) -> tuple[list[FeedEntry], Position]:
    """Everything behind `after`, page by page."""
    entries: list[FeedEntry] = []
    while True:
        with database.session() as session:
            page = changes_feed(session, after, limit)
        entries += page.entries
        after = parse_position(str(page.next))
        assert len(page.entries) == limit or not page.more
        if not page.more:
            return entries, after


def _start(database) -> Position:
    with database.session() as session:
        return Position(head_revision(session))


def _told(entries: list[FeedEntry]) -> list[str]:
    return [f"{entry.op} {entry.kind} {entry.code}" for entry in entries]


def test_each_entity_that_a_changeset_touched_comes_once_and_in_order(database):
    given(database)
    start = _start(database)
    commit(
        database, a_product("mug", values=values(name={"fr_FR": "Bol", "en_GB": "Mug"}, color="red")), a_product("hat")
    )
    commit(database, a_product("mug", enabled=False, values=values(color="blue")), *options("size", "xl"))
    entries, end = _read(database, start)
    assert [(entry.revision, told) for entry, told in zip(entries, _told(entries), strict=True)] == [
        (start.revision + 1, "upsert product mug"), (start.revision + 1, "upsert product hat"),
        (start.revision + 2, "upsert attribute_option xl"), (start.revision + 2, "upsert product mug"),
    ]  # fmt: skip
    assert entries[2].owner == "size"
    assert entries[0].uuid is not None
    assert _read(database, end) == ([], Position(start.revision + 2))


def test_a_deletion_leaves_a_tombstone_by_its_last_name(database):
    given(database, a_product("hat"))
    start = _start(database)
    commit(database, Edit("product", "hat", {"identifier": "cap"}))
    commit(database, Edit("product", "cap", None))
    assert _told(_read(database, start)[0]) == ["upsert product cap", "delete product cap"]


def test_what_goes_with_a_product_model_has_tombstones_too(database):
    shoe = a_product_model("shoe", family="shoes", family_variant="shoes_color")
    given(database, shoe, a_product("shoe-red", parent="shoe", values=values(color="red")))
    start = _start(database)
    commit(database, Edit("product_model", "shoe", None))
    assert sorted(_told(_read(database, start)[0])) == ["delete product shoe-red", "delete product_model shoe"]


def test_what_comes_back_after_its_tombstone_is_there_again(database):
    given(database, a_product("hat"))
    start = _start(database)
    deleted = commit(database, Edit("product", "hat", None)).revision
    with database.session() as session:
        revert_changeset(session, deleted, ORIGIN, NOW)
    assert _told(_read(database, start)[0]) == ["delete product hat", "upsert product hat"]


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_pages_of_any_size_read_the_same(database, limit):
    given(database, *(a_product(f"p{n}", values=values(color="red", waterproof=True)) for n in range(10)))
    commit(database, *(a_product(f"p{n}", values=values(color="blue")) for n in range(0, 10, 2)))
    everything = _read(database, Position(0))
    assert _read(database, Position(0), limit) == everything
    assert len(everything[0]) == len(a_small_catalogue()) + 10 + 5


@pytest.mark.parametrize("text", ["", "a", "-1", "1.", "1.x", ".2", "9" * 30, "١"])
def test_a_place_that_is_none_is_refused(text):
    with pytest.raises(InvalidInput, match="give a revision, or `next` of the page before"):
        parse_position(text)
