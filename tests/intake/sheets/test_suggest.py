from pathlib import Path

import pytest

from pim.base.settings import data_folder
from pim.catalog.model import STRUCTURE_KINDS, Entity
from pim.catalog.structure import Structure
from pim.intake.model import Record
from pim.intake.readers.fixtures import RESOURCES
from pim.intake.readers.ndjson import read_structure
from pim.intake.sheets.mapping_file import as_yaml, load_mapping
from pim.intake.sheets.suggest import suggest_mapping
from tests.intake.sheets.makers import a_csv
from tests.makers import NOW

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="module")
def demo() -> Structure:
    """The structure of the demo catalogue, without a database."""
    structure = Structure()
    for resource, kind in RESOURCES.items():
        path = data_folder("fixtures") / f"{resource}.ndjson"
        if kind in STRUCTURE_KINDS and path.exists():
            for number, entry in enumerate(read_structure(path, kind, structure)):
                assert isinstance(entry, Record)
                document, code = dict(entry.edit.patch or {}), entry.edit.code or ""
                structure.put(Entity(number, kind, code, document, NOW, NOW, 1, owner=entry.edit.owner))
    return structure


def targets(mapping) -> dict[str, str | None]:
    return {column.header: column.target or None for column in mapping.columns}


def test_a_french_price_list_is_understood(demo):
    mapping = suggest_mapping(SAMPLES / "tarif_printemps.csv", demo)
    assert targets(mapping) == {
        "Réf. article": "identifier",
        "Désignation": "name-fr_FR",
        "Prix TTC (€)": "price-EUR",
        "Prix réduit (€)": "sale_price-EUR",
        "Début de la réduction": "sale_start",
        "Fin de la réduction": "sale_end",
        "Poids net (g)": "net_weight",
        "Disponibilité": "availability",
        "EAN": "ean",
        "Remarques": None,
    }
    assert (mapping.header_row, mapping.decimal, mapping.date_format) == (3, ",", "dd/mm/yyyy")
    assert (mapping.labels, mapping.locale, mapping.empty_cells) == ("fr_FR", "fr_FR", "keep")
    assert {column.header: column.unit for column in mapping.columns}["Poids net (g)"] == "GRAM"


def test_an_english_workbook_is_understood(demo):
    mapping = suggest_mapping(SAMPLES / "autumn_enrichment.xlsx", demo)
    assert targets(mapping) == {
        "SKU": "identifier",
        "Name": "name-en_GB",
        "Tagline (marketplace)": "tagline-en_GB-marketplace",
        "Short description": "short_description-en_GB",
        "Weight (g)": "weight",
        "Colour": "color",
        "Materials": "material",
        "Recycled content": "recycled_content",
        "Available from": "availability_date",
        "Barcode": "ean",
        "Comments": None,
    }


@pytest.mark.parametrize("name", ["tarif_printemps.csv", "autumn_enrichment.xlsx"])
def test_what_is_suggested_can_be_saved_as_it_is(demo, tmp_path, name):
    mapping = suggest_mapping(SAMPLES / name, demo, "mine")
    (tmp_path / "mine.yaml").write_text(as_yaml(mapping), "utf-8")
    assert load_mapping(tmp_path / "mine.yaml", demo) == mapping


def test_headers_of_our_own_are_taken_at_their_word(demo, tmp_path):
    path = a_csv(tmp_path / "a.csv", "sku;name-fr_FR;price-GBP;weight;weight-unit;PACK-products;# why\n")
    mapping = suggest_mapping(path, demo)
    assert [column.target for column in mapping.columns] == path.read_text("utf-8").split(";")[:6]


def test_languages_and_likenesses_are_seen(demo, tmp_path):
    path = a_csv(tmp_path / "a.csv", "Référence;Nom (EN);Description courtes;Matières;Nom\nX;;;Coton, Lin;\n")
    assert targets(suggest_mapping(path, demo)) == {
        "Référence": "identifier",
        "Nom (EN)": "name-en_GB",
        "Description courtes": "short_description-fr_FR",
        "Matières": "material",
        "Nom": "name-fr_FR",
    }


@pytest.mark.parametrize("sign", ["/", "-", "."])
def test_american_dates_are_told_from_european_ones(demo, tmp_path, sign):
    path = a_csv(tmp_path / "a.csv", "sku;Sale starts\nX;01/12/2026\nY;01/31/2026\n".replace("/", sign))
    assert suggest_mapping(path, demo).date_format == f"mm{sign}dd{sign}yyyy"
