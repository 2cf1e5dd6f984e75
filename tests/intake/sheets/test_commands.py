"""`pim mappings`, `pim import` of a sheet and `pim products export`, as somebody at the keyboard meets them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pim.base.database import Database
from pim.cli import app
from tests.catalog.table_makers import a_size_chart, row
from tests.intake.sheets.makers import a_csv
from tests.makers import a_product, commit, values

Pim = Callable[..., Result]


@pytest.fixture
def pim(catalogue: Database, tmp_path: Path) -> Pim:
    """One product in the catalogue of the tests beside this one."""
    commit(catalogue, a_product("hat", family="shoes", values={}))
    address = catalogue.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    environment = {"PIM_DATABASE_URL": address, "PIM_HOME": str(tmp_path)}
    return lambda *words: CliRunner().invoke(app, list(map(str, words)), env=environment)


def test_a_mapping_is_suggested_saved_used_and_deleted(pim: Pim, tmp_path: Path) -> None:
    sheet, mapping = a_csv(tmp_path / "prices.csv", "sku;price-EUR\nhat;12,50\n"), tmp_path / "prices.yaml"
    mapping.write_text(pim("mappings", "suggest", sheet).stdout, "utf-8")
    assert "as it should be" in pim("mappings", "check", mapping).stdout
    assert "is saved" in pim("mappings", "save", mapping).stdout
    assert "is replaced" in pim("mappings", "save", mapping).stdout
    assert "decimal: ','" in pim("mappings", "show", "prices").stdout
    assert "prices" in pim("mappings", "list").stdout
    assert "1 " in pim("import", sheet, "--mapping", "prices").stdout
    assert "is deleted" in pim("mappings", "delete", "prices").stdout
    assert "prices" not in pim("mappings", "list").stdout


def test_a_dry_run_shows_every_value_and_writes_a_report(pim: Pim, tmp_path: Path) -> None:
    sheet, report = a_csv(tmp_path / "a.csv", "sku;pages;family\nhat;12;books\ncap;many;books\n"), tmp_path / "r.csv"
    shown = pim("import", sheet, "--dry-run", "--report", report).stdout
    for line in ("updated   products hat", "family: shoes → books", "pages: — → 12", "Nothing was written."):
        assert line in shown
    assert report.read_text("utf-8-sig").splitlines()[0] == "# line;# why;sku;pages;family"
    told = json.loads(pim("import", sheet, "--dry-run", "--json").stdout)
    assert told["changed_attributes"] == {"family": 1, "pages": 1}
    assert told["first_changes"][0]["code"] == "hat"
    assert told["first_rejections"][0]["line"] == 3


def test_a_dry_run_shows_a_changed_table_row_by_row(pim: Pim, catalogue: Database, tmp_path: Path) -> None:
    rows = [row("m", "96"), row("s", "88")]
    commit(catalogue, a_size_chart(), a_product("vest", family="shoes", values=values(chart=rows)))
    changed = {"identifier": "vest", "values": values(chart=[row("m", "98"), row("s", "88"), row("l", "104")])}
    (tmp_path / "vest.ndjson").write_text(json.dumps(changed), "utf-8")
    report = tmp_path / "report.ndjson"
    shown = pim("import", tmp_path / "vest.ndjson", "--dry-run", "--report", report).stdout
    assert [line.strip() for line in shown.splitlines() if "chart: " in line] == [
        "chart: m: chest 96 → m: chest 98",
        "chart: — → l: chest 104",
    ]
    assert [change["row"] for change in json.loads(report.read_text())["changes"][0]["rows"]] == ["m", "l"]


def test_a_line_that_is_left_out_ends_an_import_only_where_that_is_asked(pim: Pim, tmp_path: Path) -> None:
    sheet = a_csv(tmp_path / "a.csv", "sku;pages\nhat;many\n")
    assert pim("import", sheet).exit_code == 0
    assert pim("import", sheet, "--strict").exit_code == 3
    assert pim("import", a_csv(tmp_path / "b.csv", "sku;pages\nhat;1\n"), "--strict").exit_code == 0


def test_products_are_written_and_taken_back_without_a_change(pim: Pim, tmp_path: Path) -> None:
    assert "1 products" in pim("products", "export", tmp_path / "all.xlsx", "--models").stdout
    assert "Nothing changed: no new revision." in pim("import", tmp_path / "all.xlsx").stdout
