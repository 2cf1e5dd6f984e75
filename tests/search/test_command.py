"""`pim search`, as somebody on the host uses it."""

from pathlib import Path
from typing import Any

import pytest

from pim.base.database import Database
from pim.base.settings import Settings
from tests.journeys.installation import PimInstallation


@pytest.fixture(scope="module")
def shop(demo_catalogue: tuple[Settings, Database], tmp_path_factory: pytest.TempPathFactory) -> PimInstallation:
    settings, _ = demo_catalogue
    home: Path = tmp_path_factory.mktemp("asked")
    return PimInstallation(home, {"PIM_DATABASE_URL": settings.database_url})


def codes(found: Any) -> list[str]:
    return [item["identifier"] for item in found["items"]]


def test_words_filters_and_facets_are_answered_as_a_table_and_for_programs(shop: PimInstallation) -> None:
    found = shop.json("search", "tente category:tents", "--facets", "family,brand", "--limit", "5")
    assert 0 < len(found["items"]) == min(5, found["count"])
    assert {facet["name"] for facet in found["facets"]} == {"family", "brand"}
    table = shop.ok("search", "tente category:tents", "--facets", "family,brand", "--limit", "5")
    for code in codes(found):
        assert code in table
    assert f"{found['count']} found" in table


def test_a_mistyped_word_is_told(shop: PimInstallation) -> None:
    assert shop.ok("search", "tennte").startswith("No product says `tennte`; searched for `tent")


def test_a_search_is_saved_asked_by_its_code_narrowed_and_deleted(shop: PimInstallation) -> None:
    whole = shop.json("search", "tente", "--sort=-identifier", "--save", "tentes")
    assert codes(shop.json("search", "--saved", "tentes")) == codes(whole)
    narrowed = shop.json("search", "--saved", "tentes", "--limit", "1")
    assert (narrowed["count"], codes(narrowed)) == (whole["count"], codes(whole)[:1])
    assert [row["code"] for row in shop.json("searches", "list")] == ["tentes"]
    shop.ok("searches", "delete", "tentes")
    assert shop.json("searches", "list") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say what to look for: `pim search tente`"),
        (("colour:red",), "`colour` is neither an attribute nor"),
        (("--saved", "gone"), "`gone`"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_line(shop: PimInstallation, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = shop.run("search", *arguments)
    assert (code, out) == (1, "")
    assert said in err
