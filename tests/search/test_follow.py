"""The index shows what was written, whatever happened in between."""

import signal
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as given_examples
from hypothesis import strategies as st
from msgspec import structs

from pim.base.errors import TemporaryFailure
from pim.search import catch_up as following
from pim.search.followed_index import FollowedIndex
from pim.search.index_home import IndexHome
from pim.versioning.model import Edit
from tests.conftest import emptied, settings_in
from tests.makers import (
    a_family_variant,
    a_product,
    a_product_model,
    a_record,
    an_attribute,
    brands_and_packshots,
    commit,
    given,
    value,
    values,
)
from tests.search.conftest import Searching
from tests.search.dying_index import die_indexing

TENT = a_product("tent-1", family="shoes", categories=["outdoor"], values=values(name={"en_GB": "Ridge tent"}))
LAMP = a_product("lamp-1", family="shoes", categories=["home"], values=values(name={"en_GB": "Reading lamp"}))


def a_variant_of_boots() -> list[Edit]:
    return [
        a_family_variant("by_color", "shoes", (["color"], ["ean"])),
        a_product_model("boots", family="shoes", family_variant="by_color", values=values(name={"en_GB": "Boots"})),
        a_product("boots-red", parent="boots", values={"color": value("red")}),
    ]


def renamed(kind: str, code: str, label: str, owner: str = "") -> Edit:
    return Edit(kind, code, {"labels": {"en_GB": label}}, owner=owner)


def test_a_write_is_found_in_the_answer_that_follows_it(searching):
    given(searching.database, TENT, LAMP)
    assert searching("ridge") == ["tent-1"]
    commit(searching.database, a_product("tent-1", values=values(name={"en_GB": "Valley tent"})))
    assert searching("ridge") == []
    assert searching("valley") == ["tent-1"]
    commit(searching.database, Edit("product", "tent-1", None))
    assert searching("tent -nothing") == []


CHANGES = [
    (renamed("attribute_option", "red", "Scarlet", "color"), "scarlet", ["boots-red"]),
    (renamed("category", "outdoor", "Open air"), '"open air"', ["tent-1"]),
    (renamed("category", "master", "Warehouse"), "warehouse", ["tent-1", "lamp-1"]),
    (renamed("family", "shoes", "Footwear"), "footwear", ["tent-1", "lamp-1", "boots-red"]),
    (Edit("category", "outdoor", {"parent": "home"}), "home", ["lamp-1", "tent-1"]),
    (a_product_model("boots", values=values(name={"en_GB": "Wellingtons"})), "wellington", ["boots-red"]),
]


@pytest.mark.parametrize(("edit", "text", "wanted"), CHANGES)
def test_what_something_is_called_reaches_the_products_that_show_it(followed, edit, text, wanted):
    given(followed.database, renamed("category", "home", "Home"), TENT, LAMP, *a_variant_of_boots())
    before = followed.opened().state
    commit(followed.database, edit)
    assert set(followed(text)) == set(wanted)
    assert followed.opened().state.folder == before.folder


def test_the_label_of_a_record_reaches_the_products_that_link_to_it(followed):
    acme = a_record("brand", "acme", values={"label": [{"locale": "en_GB", "channel": None, "data": "Acme"}]})
    boot = a_product("boot", values={"brand": value("acme")})
    given(followed.database, *brands_and_packshots(), acme, boot)
    assert followed("acme") == ["boot"]
    apex = a_record("brand", "acme", values={"label": [{"locale": "en_GB", "channel": None, "data": "Apex"}]})
    commit(followed.database, apex)
    assert followed("apex") == ["boot"]


STRUCTURE = [
    Edit("channel", "web", {"locales": ["fr_FR", "en_GB", "de_DE"]}),
    [Edit("attribute_group", "texts", {}), an_attribute("name", localizable=True, group="texts")],
    an_attribute("ean", unique=True, useable_as_grid_filter=True),
]


@pytest.mark.parametrize("edits", STRUCTURE)
def test_a_change_of_structure_that_may_show_anywhere_builds_a_new_index(followed, edits):
    given(followed.database, TENT)
    before = followed.opened().state
    commit(followed.database, *(edits if isinstance(edits, list) else [edits]))
    assert followed("ridge") == ["tent-1"]
    assert followed.opened().state.folder != before.folder


def test_an_index_that_is_gone_is_built_again(followed):
    given(followed.database, TENT)
    followed.opened()
    home = IndexHome(followed.settings.home)
    home.forget()
    assert followed("ridge") == ["tent-1"]


def damaged(folder: Path) -> None:
    """The files are others: one that a reader has mapped, cut short, would end this process."""
    for file in folder.iterdir():
        if file.is_file():
            file.unlink()
            file.write_bytes(b"damaged")


def test_a_damaged_index_is_built_again_and_says_so(searching, caplog):
    given(searching.database, TENT)
    home = IndexHome(searching.settings.home)
    damaged(home.path(searching.opened().state))
    later = replace(searching, index=FollowedIndex(searching.database, searching.settings))
    assert later("ridge") == ["tent-1"]
    assert "the search index is damaged" in caplog.text


def test_what_those_left_who_died_while_they_built_is_swept_by_the_next(followed, monkeypatch):
    given(followed.database, TENT)
    home = IndexHome(followed.settings.home)
    monkeypatch.setattr(following, "DocumentMaker", lambda structure: 1 / 0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            followed.opened()
    assert len([path for path in home.folder.iterdir() if path.is_dir()]) == 1


def test_another_catalogues_index_is_not_taken_for_ours(followed):
    given(followed.database, TENT)
    home = IndexHome(followed.settings.home)
    state = followed.opened().state
    home.write(structs.replace(state, moment="2001-01-01T00:00:00+00:00"))
    later = replace(followed, index=FollowedIndex(followed.database, followed.settings))
    assert later.opened().state.folder != state.folder


def test_many_changes_build_a_new_index_while_the_old_one_answers(followed, monkeypatch):
    given(followed.database, TENT)
    old = followed.opened()
    monkeypatch.setattr(following, "_FEW", 3)
    commit(followed.database, *(a_product(f"p{n}", values=values(name={"en_GB": f"Peg {n}"})) for n in range(8)))
    answered = []
    monkeypatch.setattr(
        following, "linked_labels", lambda *_: answered.append(followed.index.opened().state.folder) or {}
    )
    assert len(followed("peg")) == 8
    assert set(answered) == {old.state.folder}
    assert followed.opened().state.folder != old.state.folder
    assert old.index.count() == 1


def test_who_cannot_wait_for_a_revision_is_told_how_far_the_index_is(followed):
    given(followed.database, TENT)
    followed.opened()
    with IndexHome(followed.settings.home).writing(), pytest.raises(TemporaryFailure) as raised:
        followed.index.opened(at_least=999, patience=0.05)
    assert "has come to revision" in str(raised.value)
    assert "without consistency=session" in str(raised.value)


MOMENTS = [("document", 1), ("document", 60), ("recorded", 1)]


@pytest.mark.parametrize(("where", "count"), MOMENTS)
@pytest.mark.parametrize("first", [True, False])
def test_who_is_killed_while_indexing_leaves_what_the_next_one_makes_right(searching, where, count, first):
    """While the first index is built, and while changes are followed."""
    given(searching.database, TENT)
    if not first:
        searching.opened()
    many = (a_product(f"p{n}", values=values(name={"en_GB": f"Peg {n}"})) for n in range(90))
    commit(searching.database, *many, a_product("tent-1", values=values(name={"en_GB": "Valley tent"})))
    assert die_indexing(searching.settings, where, count) == -signal.SIGKILL
    assert len(searching("peg")) == 90
    assert searching("valley") == ["tent-1"]
    assert searching("ridge") == []


WORDS = ["ridge", "valley", "peg", "lamp"]
STEPS = st.lists(
    st.tuples(st.integers(0, 3), st.one_of(st.none(), st.sampled_from(WORDS)), st.booleans()), min_size=1, max_size=6
)


@pytest.mark.parametrize("engine", ["tantivy", "whoosh"])
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given_examples(steps=STEPS)
def test_after_any_edits_words_find_what_a_new_index_finds(one_database, tmp_path_factory, engine, steps):
    database = emptied(one_database)
    given(database)
    here = replace(settings_in(tmp_path_factory.mktemp("followed")), search=engine)
    followed = Searching(here, database, FollowedIndex(database, here))
    for number, word, look in steps:
        code = f"p{number}"
        changed = Edit("product", code, None) if word is None else a_product(code, values=values(name={"en_GB": word}))
        commit(database, changed)
        if look:
            followed.opened()
    fresh_here = replace(here, home=tmp_path_factory.mktemp("fresh"))
    fresh = Searching(fresh_here, database, FollowedIndex(database, fresh_here))
    for word in WORDS:
        assert sorted(followed(word)) == sorted(fresh(word))
