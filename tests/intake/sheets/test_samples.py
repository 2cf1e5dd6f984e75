"""Two sheets as merchandisers have them, taken into the demo catalogue the way they would do it."""

from pathlib import Path

import pytest

from pim.base.settings import data_folder
from pim.intake.import_path import Watch
from pim.intake.sheets.report import Report
from pim.intake.sheets.suggest import suggest_mapping
from pim.versioning.store import current_structure
from tests.conftest import emptied
from tests.intake.makers import Intake
from tests.intake.sheets.test_suggest import SAMPLES


@pytest.fixture
def demo(one_database, storage, settings_of_sheets):
    intake = Intake(emptied(one_database), storage, settings_of_sheets)
    intake(data_folder("fixtures"))
    return intake


def suggested(intake: Intake, path: Path):
    with intake.database.session() as session:
        return suggest_mapping(path, current_structure(session))


def test_a_price_list_is_tried_corrected_and_taken_in(demo, tmp_path):
    path = SAMPLES / "tarif_printemps.csv"
    mapping, report = suggested(demo, path), Report(tmp_path / "rest.csv")
    tried = demo(path, Watch(on_rejection=report.rejections.append), dry_run=True, mapping=mapping)
    report.write(path, mapping)
    assert tried.changed_attributes["price"] == 4
    assert [(r.line, r.subject, r.column, r.value) for r in report.rejections] == [
        (8, "POP-QUA", "Prix TTC (€)", "sur demande"),
        (9, "LIV-TRA", "Disponibilité", "En rupture"),
    ]
    rest = tmp_path / "rest.csv"
    corrected = rest.read_text("utf-8-sig").replace("sur demande", "89,90").replace("En rupture", "out_of_stock")
    rest.write_text(corrected, "utf-8")
    demo(path, mapping=mapping)
    again = demo(rest, mapping=mapping)
    assert again.counts["products"] == {"updated": 2}
    prices = {code: demo.product(code)["values"]["price"][0]["data"] for code in ("POP-QUA", "TEN-MONO1")}
    assert {code: found[0] for code, found in prices.items()} == {
        "POP-QUA": {"amount": "89.90", "currency": "EUR"},
        "TEN-MONO1": {"amount": "1129.00", "currency": "EUR"},
    }
    assert [price["currency"] for price in prices["TEN-MONO1"]] == ["EUR", "GBP"]


def test_a_workbook_of_texts_is_tried_corrected_and_taken_in(demo, tmp_path):
    path = SAMPLES / "autumn_enrichment.xlsx"
    mapping, report = suggested(demo, path), Report(tmp_path / "rest.xlsx")
    summary = demo(path, Watch(on_rejection=report.rejections.append), mapping=mapping)
    report.write(path, mapping)
    told = {(r.line, r.subject, r.column): r.message for r in report.rejections}
    assert list(told) == [(5, "COU-TRI", "Materials")]
    assert "does not exist; known:" in told[5, "COU-TRI", "Materials"]
    assert summary.counts["products"]["updated"] == 3
    shelter = demo.product("TEN-MONO1")["values"]
    assert shelter["weight"][0]["data"] == {"amount": "980", "unit": "GRAM"}
    assert {value["locale"]: value["data"] for value in shelter["name"]}["en_GB"] == "Solo shelter"
    assert "ean" in shelter  # an empty cell keeps what is there
    again = demo(tmp_path / "rest.xlsx", mapping=mapping)
    assert {r.line for r in again.first_rejections} == {2}
