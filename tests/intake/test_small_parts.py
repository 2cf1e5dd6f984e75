from pathlib import Path

import pytest

from pim.base.errors import InvalidInput
from pim.intake.attach_media import MediaFolder
from pim.intake.empty_cells import erase_empty
from pim.intake.model import Coverage
from pim.intake.recognise import digest_of, recognise
from pim.intake.refused_lines import RefusedLines
from pim.intake.seen_codes import SeenCodes
from tests.intake.makers import an_akeneo_set, ndjson
from tests.makers import value

EVERYWHERE = frozenset({(None, None)})


def test_seen_codes_remember_thousands_of_first_lines():
    seen = SeenCodes()
    assert [seen.first_line(f"code-{n}", n) for n in range(5000)] == [None] * 5000
    assert [seen.first_line(f"code-{n}", 9999) for n in range(5000)] == list(range(5000))
    assert seen.first_line("another", 7) is None


def test_refused_lines_are_known_by_file():
    refused = RefusedLines([("a.csv", 3)])
    refused.add("b.csv", 100_000)
    assert ("a.csv", 3) in refused
    assert ("b.csv", 100_000) in refused
    assert ("b.csv", 3) not in refused
    assert ("a.csv", 100_000) not in refused


def test_an_empty_cell_erases_only_what_its_table_speaks_about():
    values = {"name": value("Hat")}
    stored = {"name": value("Old"), "color": value("red"), "size": value("m")}
    erase_empty(values, stored, Coverage({"name": EVERYWHERE, "color": EVERYWHERE}, {}))
    assert values == {"name": value("Hat"), "color": value(None)}


def test_prices_without_a_column_stay():
    euros, pounds = {"amount": "2.00", "currency": "EUR"}, {"amount": "1.00", "currency": "GBP"}
    coverage = Coverage({"price": EVERYWHERE}, {("price", None, None): frozenset({"EUR"})})
    changed, erased = {"price": value([{"amount": "3", "currency": "EUR"}])}, {}
    erase_empty(changed, {"price": value([euros, pounds])}, coverage)
    erase_empty(erased, {"price": value([euros, pounds])}, coverage)
    assert changed["price"][0]["data"] == [{"amount": "3", "currency": "EUR"}, pounds]
    assert erased["price"][0]["data"] == [pounds]


def test_media_outside_of_the_folder_is_not_found(tmp_path: Path):
    folder = an_akeneo_set(tmp_path / "set")
    (tmp_path / "secret.png").write_bytes(b"secret")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    media = MediaFolder(folder)
    assert media.find("files/hat.png") is not None
    for name in ("../secret.png", str(tmp_path / "secret.png"), "link.png", "files", "no\x00name", "x" * 5000):
        assert media.find(name) is None


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda p: p / "nowhere", "there is no such file or folder"),
        (lambda p: p, "the folder holds none of the files we know"),
        (lambda p: (p / "a.txt", (p / "a.txt").write_text("hello"))[0], "does not begin with a JSON object"),
        (lambda p: (an_akeneo_set(p), ndjson(p / "products.ndjson"))[0], "it holds both"),
    ],
)
def test_what_is_nothing_we_read_is_refused_in_one_line(tmp_path, make, why):
    with pytest.raises(InvalidInput) as refused:
        recognise(make(tmp_path))
    text = str(refused.value)
    assert why in text
    assert "Akeneo export folder" in text
    assert "\n" not in text


def test_the_three_formats_are_recognised(tmp_path):
    assert recognise(an_akeneo_set(tmp_path / "a")).format == "akeneo_csv"
    (tmp_path / "b").mkdir()
    ndjson(tmp_path / "b" / "products.ndjson", {"identifier": "hat"})
    assert recognise(tmp_path / "b").format == "fixtures"
    assert recognise(ndjson(tmp_path / "c.jsonl", {"identifier": "hat"})).format == "ndjson"


def test_any_changed_byte_is_other_content(tmp_path):
    one, other = an_akeneo_set(tmp_path / "a"), an_akeneo_set(tmp_path / "b")
    assert digest_of(recognise(one))[0] == digest_of(recognise(other))[0]
    (other / "files" / "hat.png").write_bytes(b"another picture")
    assert digest_of(recognise(one))[0] != digest_of(recognise(other))[0]
