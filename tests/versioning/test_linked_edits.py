"""Records and assets are written, linked to, deleted and taken back like everything else."""

from typing import Any

import pytest

from pim.base.database import Database
from pim.catalog import store
from pim.catalog.model import Entity
from pim.versioning.history import find_entity, history, value_history
from pim.versioning.model import Edit
from pim.versioning.revert import revert_changeset
from pim.versioning.snapshot import open_snapshot
from pim.versioning.store import current_structure
from tests.makers import (
    NOW,
    ORIGIN,
    a_product,
    a_record,
    an_asset,
    brands_and_packshots,
    commit,
    given,
    messages,
    value,
    values,
)


@pytest.fixture
def catalogue(database: Database) -> Database:
    given(database, *brands_and_packshots())
    return database


def told(text: Any, locale: str | None = None) -> list[dict[str, Any]]:
    return [{"locale": locale, "channel": None, "data": text}]


def accepted(database: Database, *edits: Edit) -> int:
    committed = commit(database, *edits)
    assert messages(committed) == []
    assert committed.revision is not None
    return committed.revision


def linked(database: Database, kind: str, owner: str, code: str) -> Entity | None:
    with database.session() as session:
        return next(iter(store.linked_by_code(session, kind, owner, [code])), None)


def held(database: Database, code: str = "fanal") -> Any:
    entity = linked(database, "record", "brand", code)
    return entity and entity.document["values"]


FANAL = a_record("brand", "fanal", values={"label": told("Fanal", "fr_FR"), "founded": told("1949")})


def test_a_reference_entity_is_made_with_label_and_image_and_an_asset_family_with_its_main_media(catalogue):
    with catalogue.session() as session:
        structure = current_structure(session)
    assert list(structure.reference_entity_attributes["brand"]) == [
        "label",
        "image",
        "story",
        "founded",
        "country",
        "house",
    ]
    assert list(structure.asset_family_attributes["packshot"]) == ["label", "media", "angle", "film"]
    assert structure.asset_families["packshot"].attribute_as_main_media == "media"


def test_values_of_records_merge_by_locale(catalogue):
    accepted(catalogue, FANAL)
    accepted(catalogue, a_record("brand", "fanal", values={"label": told("Fanal Ltd", "en_GB")}))
    assert held(catalogue)["label"] == [*value("Fanal Ltd", "en_GB"), *value("Fanal", "fr_FR")]
    assert held(catalogue)["founded"] == value("1949")
    accepted(catalogue, a_record("brand", "fanal", values={"label": told(None, "fr_FR")}))
    assert held(catalogue)["label"] == value("Fanal Ltd", "en_GB")


WRONG = [
    ({"motto": told("x")}, "attribute `motto` does not exist"),
    ({"story": told("x")}, "is localizable: give a locale"),
    ({"founded": told("1700")}, "below the least allowed, 1800"),
    ({"country": told("mars")}, "option `mars` does not exist"),
    ({"image": told("a/b.png")}, "media file `a/b.png` does not exist"),
    ({"house": told("nobody")}, "record `nobody` of reference entity `brand` does not exist; create it first"),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG, ids=[next(iter(case[0])) for case in WRONG])
def test_a_record_is_held_to_the_attributes_of_its_reference_entity(catalogue, wrong, message):
    committed = commit(catalogue, a_record("brand", "fanal", values=wrong))
    assert message in "; ".join(messages(committed))
    assert committed.revision is None


def test_records_may_link_in_a_row_to_those_further_down_in_the_same_edits(catalogue):
    chain = [
        a_record("brand", code, values={"house": told(house)})
        for code, house in (("fanal", "lueur"), ("lueur", "clarte"), ("clarte", "maison"))
    ]
    accepted(catalogue, *chain, a_record("brand", "maison"))
    assert held(catalogue)["house"] == value("lueur")


def test_a_record_may_link_to_one_further_down_in_the_same_edits(catalogue):
    house = a_record("brand", "lueur", values={"house": told("fanal")})
    accepted(catalogue, house, FANAL)
    assert held(catalogue, "lueur")["house"] == value("fanal")


def test_products_link_to_records_and_assets_that_are_there(catalogue):
    accepted(catalogue, FANAL, an_asset("packshot", "front"), an_asset("packshot", "back"))
    pictures = values(brand="fanal", packshots=["front", "back", "front"])
    accepted(catalogue, a_product("lamp", values=pictures))
    with catalogue.session() as session:
        assert store.products(session)[0].document["values"]["packshots"] == value(["front", "back"])
    refused = commit(catalogue, a_product("lamp", values=values(brand="lueur", packshots=["front", "top"])))
    assert sorted(messages(refused)) == [
        "attribute `brand`: record `lueur` of reference entity `brand` does not exist; create it first",
        "attribute `packshots`: asset `top` of asset family `packshot` does not exist; create it first",
    ]


def test_what_is_linked_to_is_not_deleted(catalogue):
    accepted(catalogue, FANAL, a_record("brand", "lueur", values={"house": told("fanal")}))
    accepted(catalogue, a_product("lamp", values=values(makers=["lueur"])))
    for code, uses in (("fanal", "record `brand/lueur`"), ("lueur", "product `lamp`")):
        (message,) = messages(commit(catalogue, a_record("brand", code), Edit("record", code, None, owner="brand")))
        assert message == f"record `{code}` is in use and cannot be deleted: {uses}"
    unlinked = a_product("lamp", values=values(makers=None))
    accepted(catalogue, unlinked, *(Edit("record", code, None, owner="brand") for code in ("fanal", "lueur")))
    assert held(catalogue) is None


USED = [
    (Edit("reference_entity", "brand", None), "attribute `brand`; attribute `makers`; record `fanal`"),
    (Edit("reference_entity_attribute", "label", None, owner="brand"), "every reference entity"),
    (Edit("reference_entity_attribute_option", "fr", None, owner="brand/country"), "record `brand/fanal`"),
    (Edit("asset_family_attribute", "media", None, owner="packshot"), "main media of asset family `packshot`"),
    (Edit("asset_family", "packshot", None), "attribute `packshots`"),
]


@pytest.mark.parametrize(("deletion", "uses"), USED, ids=[f"{case[0].kind} {case[0].code}" for case in USED])
def test_structure_around_records_is_not_deleted_while_it_is_needed(catalogue, deletion, uses):
    accepted(catalogue, FANAL, a_record("brand", "fanal", values={"country": told("fr")}))
    committed = commit(catalogue, deletion)
    assert committed.outcomes[0].status == "conflict"
    assert uses in messages(committed)[0]


def test_a_channel_is_not_deleted_while_records_have_values_for_it(catalogue):
    scopable = {"type": "text", "value_per_channel": True}
    accepted(catalogue, Edit("reference_entity_attribute", "tagline", scopable, owner="brand"))
    line = [{"locale": None, "channel": "print", "data": "Light."}]
    accepted(catalogue, a_record("brand", "fanal", values={"tagline": line}))
    (message,) = messages(commit(catalogue, Edit("channel", "print", None)))
    assert "record `brand/fanal`" in message


def test_a_deleted_attribute_leaves_the_records_and_a_revert_brings_its_values_back(catalogue):
    accepted(catalogue, FANAL)
    before = held(catalogue)
    revision = accepted(catalogue, Edit("reference_entity_attribute", "founded", None, owner="brand"))
    assert "founded" not in held(catalogue)
    with catalogue.session() as session:
        revert_changeset(session, revision, ORIGIN, NOW)
    assert held(catalogue) == before


def test_every_change_of_a_record_is_in_its_history(catalogue):
    accepted(catalogue, FANAL)
    accepted(catalogue, a_record("brand", "fanal", values={"founded": told("1950")}))
    with catalogue.session() as session:
        fanal = find_entity(session, "brand/fanal")
        assert [entry.path for entry in history(session, fanal)] == ["values", "+"]
        (change,) = value_history(session, fanal, "founded")
    assert (change.attribute, change.old, change.new) == ("founded", "1949", "1950")


def test_a_reference_entity_with_its_records_is_taken_back_and_restored(catalogue):
    entity = Edit("reference_entity", "designer", {})
    made = accepted(catalogue, entity, a_record("designer", "ida", values={"label": told("Ida", "fr_FR")}))
    with catalogue.session() as session:
        gone = revert_changeset(session, made, ORIGIN, NOW).revision
    assert linked(catalogue, "record", "designer", "ida") is None
    with catalogue.session() as session:
        revert_changeset(session, gone or 0, ORIGIN, NOW)
    ida = linked(catalogue, "record", "designer", "ida")
    assert ida is not None
    assert ida.document["values"]["label"] == value("Ida", "fr_FR")


def test_a_snapshot_shows_records_as_they_were(catalogue):
    first = accepted(catalogue, FANAL)
    accepted(catalogue, a_record("brand", "fanal", values={"founded": told("1950")}), a_record("brand", "lueur"))
    last = accepted(catalogue, Edit("record", "fanal", None, owner="brand"))
    seen = []
    for revision in (first, first + 1, last):
        with catalogue.snapshot_session() as session:
            snapshot = open_snapshot(session, revision)
            fanal = snapshot.linked("record", "brand", "fanal")
            founded = fanal and fanal.document["values"]["founded"][0]["data"]
            seen.append((founded, snapshot.linked("record", "brand", "lueur") is not None))
    assert seen == [("1949", False), ("1950", True), (None, True)]


def naming(pattern: str, source: str = "code", abort: bool = False) -> Edit:
    where = {"property": source, "locale": None, "channel": None}
    rule = {"source": where, "pattern": pattern, "abort_asset_creation_on_error": abort}
    return Edit("asset_family", "packshot", {"naming_convention": rule})


def test_the_name_of_a_new_asset_fills_what_it_does_not_say_itself(catalogue):
    accepted(catalogue, naming("/^.*-(?<angle>[a-z]+)$/"))
    said = {"angle": told("top")}
    accepted(catalogue, an_asset("packshot", "lamp-front"), an_asset("packshot", "lamp-back", values=said))
    angles = [linked(catalogue, "asset", "packshot", f"lamp-{side}") for side in ("front", "back")]
    assert [asset and asset.document["values"]["angle"] for asset in angles] == [value("front"), value("top")]


def test_a_name_that_does_not_fit_makes_no_asset_where_the_family_says_so(catalogue):
    accepted(catalogue, naming("(?P<angle>[a-z]+)_[0-9]+", abort=True))
    (message,) = messages(commit(catalogue, an_asset("packshot", "lamp")))
    assert message.startswith("asset `lamp`: `lamp` does not fit the naming convention (?P<angle>[a-z]+)_[0-9]+")
    accepted(catalogue, naming("(?P<angle>[a-z]+)_[0-9]+"), an_asset("packshot", "lamp"))


BAD_FAMILIES = [
    ({"attribute_as_main_media": "angle"}, "it must be media_file or media_link"),
    ({"naming_convention": {"source": {"property": "code"}, "pattern": "(?P<film>.*)"}}, "cannot fill `film`"),
    ({"naming_convention": {"source": {"property": "angle"}, "pattern": "(?P<angle>.*)"}}, "reads `code` or the main"),
    ({"transformations": [{"label": "small", "source": {"attribute": "media"}, "target": {"attribute": "film"},
                           "operations": [{"type": "shrink"}]}]}, "the operation `shrink` is unknown"),
    ({"product_link_rules": [{"product_selections": [], "assign_assets_to": [{"attribute": "name", "mode": "add"}]}]},
     "assets cannot be put into `name`"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "message"), BAD_FAMILIES, ids=[next(iter(case[0])) for case in BAD_FAMILIES])
def test_the_rules_of_an_asset_family_name_what_there_is(catalogue, wrong, message):
    committed = commit(catalogue, Edit("asset_family", "packshot", wrong))
    assert message in "; ".join(messages(committed))
