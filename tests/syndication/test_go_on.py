"""What a run copies from an earlier publication, and when it does not."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from pim.base.settings import data_folder
from pim.syndication import render
from pim.syndication.approval import reject
from pim.syndication.writers import ARTIFACTS
from pim.versioning.model import Edit
from tests.makers import NOW, a_product, commit, given, value
from tests.syndication.incremental import NEVER_HELD, assert_as_if_whole, codes_and_beginnings
from tests.syndication.runs import MAPPING, a_hat, an_export, path_of, run, storage_of
from tests.syndication.test_run_export import lines_of, states

CODES = codes_and_beginnings("P", 12, 4)


@pytest.fixture
def shop(database, settings):
    """An export with a first publication of hats."""
    given(database, *(a_hat(code) for code in CODES))
    settings = an_export(settings, gate=NEVER_HELD)
    run(database, settings)
    return settings


@pytest.fixture
def rendered(monkeypatch) -> list[str]:
    """Keys of the roots that were rendered."""
    keys: list[str] = []
    take = render.ExportRendering.take
    monkeypatch.setattr(render.ExportRendering, "take", lambda self, root: (keys.append(root.key), take(self, root)))
    return keys


def test_only_what_changed_is_rendered(database, shop, rendered):
    commit(database, a_hat(CODES[3], "11.00"), a_hat(CODES[9], "12.00"))
    result = run(database, shop)
    assert rendered == [f"product/{CODES[3]}", f"product/{CODES[9]}"]
    assert result.exports[0].copied_from == 1
    assert [line["price"] for line in lines_of(path_of(result, "fr_FR.jsonl"))].count("10.00") == len(CODES) - 2


def test_a_run_of_a_revision_that_is_out_already_does_nothing(database, shop, rendered):
    before = run(database, shop, full=True).exports[0]
    rendered.clear()
    assert run(database, shop).exports[0] == before
    assert rendered == []


def test_a_run_asked_to_be_full_copies_nothing(database, shop, rendered):
    result = run(database, shop, full=True)
    assert len(rendered) == len(CODES)
    assert states(result) == {"shop": "unchanged"}


@pytest.mark.parametrize("change", ["definition", "structure", "address"])
def test_what_may_show_in_any_item_renders_all(database, shop, rendered, change):
    if change == "definition":
        shop = an_export(shop, mapping={**MAPPING, "aisle": {"const": "A1"}}, gate=NEVER_HELD)
    elif change == "structure":
        commit(database, Edit("attribute", "name", {"labels": {"fr_FR": "Nom"}}))
    else:
        shop = replace(shop, public_url="http://elsewhere.example")
    assert run(database, shop).exports[0].copied_from is None
    assert len(rendered) == len(CODES)


def test_an_item_whose_date_has_come_is_rendered_though_nobody_edited_it(database, settings, rendered):
    """Also when no feed shows it yet: it had no price before."""
    mapping = {**MAPPING, "price": {"from": "price", "within": {"start": "release"}, "then": ["amount_text"]}}
    coming = a_hat(CODES[1])
    coming.patch["values"]["release"] = value("2026-03-05")
    given(database, coming, *(a_hat(code) for code in CODES[2:]))
    settings = an_export(settings, mapping=mapping, gate=NEVER_HELD)
    assert run(database, settings).exports[0].items == len(CODES) - 2
    rendered.clear()
    commit(database, a_hat(CODES[5], "11.00"), at=NOW + timedelta(days=9))
    result = run(database, settings)
    assert result.exports[0].items == len(CODES) - 1
    assert rendered == [f"product/{CODES[1]}", f"product/{CODES[5]}"]


def test_a_clock_that_was_put_back_renders_all(database, shop, rendered):
    commit(database, a_hat(CODES[0], "11.00"), at=NOW - timedelta(days=1))
    assert run(database, shop).exports[0].copied_from is None


def test_a_held_publication_is_gone_on_from_and_measured_from_its_own_revision(database, settings, rendered):
    given(database, *(a_hat(code) for code in CODES))
    settings = an_export(settings, gate={"removed": 0.01, "rejected": 1.0})
    run(database, settings)
    commit(database, a_product(CODES[0], enabled=False))
    assert states(run(database, settings)) == {"shop": "held"}
    commit(database, a_hat(CODES[2], "11.00"))
    rendered.clear()
    assert run(database, settings).exports[0].copied_from == 2
    assert rendered == [f"product/{CODES[2]}"]
    reject(database, storage_of(settings), "shop")
    rendered.clear()
    assert assert_as_if_whole(database, settings).exports[0].copied_from == 1
    assert rendered[:2] == [f"product/{CODES[0]}", f"product/{CODES[2]}"]


@pytest.mark.parametrize("name", ["fr_FR.jsonl.gz", "records/report.jsonl.index.jsonl.gz"])
@pytest.mark.parametrize("damage", ["gone", "cut", "other"])
def test_a_damaged_publication_is_not_copied_from(database, shop, name, damage):
    path = path_of(run(database, shop), "fr_FR.jsonl").parent / name
    content = path.read_bytes()
    path.unlink()
    if damage != "gone":
        path.write_bytes(content[:60] if damage == "cut" else content[:40] + b"\xff" * 20 + content[60:])
    commit(database, a_hat(CODES[-1], "11.00"))
    assert assert_as_if_whole(database, shop).exports[0].copied_from is None


def test_a_feed_that_was_left_out_comes_back_when_it_has_items(database, settings):
    given(database, *(a_hat(code, fr="Chapeau") for code in CODES))
    settings = an_export(settings, gate=NEVER_HELD)
    assert run(database, settings).exports[0].left_out == ["en_GB.jsonl", "en_GB.csv"]
    commit(database, a_hat(CODES[4], en="Hat"))
    result = assert_as_if_whole(database, settings)
    assert (result.exports[0].copied_from, result.exports[0].left_out) == (1, [])
    assert [line["sku"] for line in lines_of(path_of(result, "en_GB.jsonl"))] == [CODES[4]]


def test_an_artifact_is_made_again_only_when_its_items_changed(database, settings, monkeypatch):
    made: list[int] = []

    def write(feed, items, put):
        made.append(len(list(items)))
        put(f"{feed.locale}.png", b"png", "image/png")
        put(feed.name, json.dumps(made).encode(), "application/json")

    monkeypatch.setitem(ARTIFACTS, "labels", lambda: write)
    given(database, *(a_hat(code) for code in CODES))
    settings = an_export(settings, files=[{"name": "labels_{locale}.json", "writer": "labels"}], gate=NEVER_HELD)
    run(database, settings)
    commit(database, a_hat("nothing", price=None))
    assert run(database, settings).exports[0].copied_from == 1
    assert made == [len(CODES)] * 2
    commit(database, a_hat(CODES[2], en="Cap", fr=f"Chapeau {CODES[2]}"))
    result = run(database, settings)
    assert made == [len(CODES)] * 3
    assert path_of(result, "labels_fr_FR.json").read_bytes() != path_of(result, "labels_en_GB.json").read_bytes()


def test_only_labels_whose_item_changed_are_drawn(database, settings, monkeypatch):
    from pim.syndication.writers import labels

    drawn: list[str] = []
    label_of = labels.label_of
    monkeypatch.setattr(
        labels, "label_of", lambda fields, *more: (drawn.append(fields["sku"]), label_of(fields, *more))[1]
    )
    given(database, *(a_hat(code, fr=f"Chapeau {code}") for code in CODES[:6]))
    options = {"sizes": ["296x128"], "index": ["json", "csv"]}
    files = [{"name": "labels_{locale}.json", "writer": "labels", "options": options}]
    settings = an_export(settings, files=files, gate=NEVER_HELD)
    words = data_folder("channel_exports") / "in_store" / "words.yaml"
    shutil.copy(words, settings.exports_folder / "shop" / "words.yaml")
    run(database, settings)
    drawn.clear()
    changes = [a_hat(CODES[2], "11.00", fr="Chapeau"), a_product(CODES[4], enabled=False), a_hat(CODES[7], fr="Bonnet")]
    commit(database, *changes)
    assert_as_if_whole(database, settings)
    by_this_run, by_the_whole_one = drawn[:2], drawn[2:]
    assert by_this_run == [CODES[2], CODES[7]]
    assert by_the_whole_one == [CODES[number] for number in (0, 1, 2, 3, 5, 7)]
