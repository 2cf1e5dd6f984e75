"""Who changed what, newest first."""

from datetime import timedelta

import pytest

from pim.base.errors import NotFound
from pim.versioning.history import find_entity, history, value_history
from pim.versioning.model import Edit, Origin
from pim.versioning.revert import revert_changeset
from pim.versioning.store import revision_at
from tests.makers import NOW, ORIGIN, a_product, a_product_model, an_attribute, commit, values
from tests.versioning.test_batches import accepted

ANNA = Origin("anna", "api", "new price list", import_id=3)


def test_the_history_of_a_product_tells_who_when_and_what(catalogue):
    accepted(catalogue, a_product("hat"))
    commit(catalogue, a_product("hat", enabled=False, values=values(pages=3)), at=NOW + timedelta(hours=1), origin=ANNA)
    with catalogue.session() as session:
        entries = history(session, find_entity(session, "hat"))
    newest = [(e.author, e.source, e.reason, e.import_id, e.committed_at) for e in entries[:2]]
    assert newest == [("anna", "api", "new price list", 3, NOW + timedelta(hours=1))] * 2
    assert {(e.path, e.attribute, e.old, e.new) for e in entries[:2]} == {
        ("enabled", None, True, False), ("values", "pages", None, 3),
    }  # fmt: skip
    assert (entries[2].path, entries[2].revision) == ("+", 2)


def test_the_history_of_a_value_is_that_of_its_locale_and_scope(catalogue):
    for text in ("a", "b"):
        accepted(catalogue, a_product("hat", values=values(name={"fr_FR": text})))
        accepted(catalogue, a_product("hat", values=values(name={"en_GB": text.upper()}, pages=3)))
    with catalogue.session() as session:
        hat = find_entity(session, "hat")
        french = value_history(session, hat, "name", "fr_FR")
        assert [(entry.old, entry.new) for entry in french] == [("a", "b")]  # the first came with the creation
        english = value_history(session, hat, "name", "en_GB")
        assert [(entry.old, entry.new) for entry in english] == [("A", "B"), (None, "A")]
        assert value_history(session, hat, "name", "de_DE") == []
        with pytest.raises(NotFound, match="attribute `nam` does not exist; known: color"):
            value_history(session, hat, "nam")


def test_a_value_keeps_its_history_when_the_product_is_renamed_and_the_attribute_goes(catalogue):
    accepted(catalogue, an_attribute("motto"), a_product("hat"))
    accepted(catalogue, a_product("hat", values=values(motto="x")))
    accepted(catalogue, Edit("product", "hat", {"identifier": "cap"}))
    accepted(catalogue, Edit("attribute", "motto", None))
    accepted(catalogue, an_attribute("motto"))
    accepted(catalogue, a_product("cap", values=values(motto="y")))
    with catalogue.session() as session:
        cap = find_entity(session, "cap")
        assert [(e.attribute, e.old, e.new) for e in history(session, cap) if e.path == "values"] == [
            ("motto", None, "y"), ("motto", "x", None), ("motto", None, "x"),
        ]  # fmt: skip
        assert [(entry.old, entry.new) for entry in value_history(session, cap, "motto")] == [(None, "y")]


def test_a_restored_product_goes_on_with_its_history(catalogue):
    accepted(catalogue, a_product("hat"))
    revision = accepted(catalogue, Edit("product", "hat", None)).revision
    with catalogue.session() as session:
        revert_changeset(session, revision or 0, ORIGIN, NOW)
    with catalogue.session() as session:
        assert [entry.path for entry in history(session, find_entity(session, "hat"))] == ["+", "-", "+"]


def test_a_code_means_the_product_before_the_product_model(catalogue):
    accepted(catalogue, a_product_model("shoe", family="shoes", family_variant="shoes_color"))
    with catalogue.session() as session:
        assert find_entity(session, "shoe").kind == "product_model"
    accepted(catalogue, a_product("shoe"))
    with catalogue.session() as session:
        assert find_entity(session, "shoe").kind == "product"
        with pytest.raises(NotFound, match="there is no product or product model `nil`"):
            find_entity(session, "nil")


def test_a_revision_is_found_by_its_time(catalogue):
    for hour in (1, 2):
        commit(catalogue, a_product("hat", values=values(pages=hour)), at=NOW + timedelta(hours=hour))
    with catalogue.session() as session:
        found = [revision_at(session, NOW + timedelta(minutes=minutes)) for minutes in (-1, 0, 60, 90, 300)]
    assert found == [0, 1, 2, 2, 3]


def test_editing_one_value_costs_one_row(catalogue):
    accepted(catalogue, a_product("hat", values=values(pages=1, name={"fr_FR": "x", "en_GB": "y"})))
    committed = accepted(catalogue, a_product("hat", values=values(pages=1, name={"fr_FR": "z", "en_GB": "y"})))
    (change,) = committed.changes
    assert (change.cell.attribute, change.cell.locale, change.old, change.new) == ("name", "fr_FR", "x", "z")
