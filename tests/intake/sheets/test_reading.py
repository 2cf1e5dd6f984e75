from datetime import date

import pytest

from pim.base.errors import InvalidInput
from pim.intake.model import Record, Unreadable
from pim.intake.sheets.csv_form import detect_form
from pim.intake.sheets.model import OURS
from pim.intake.sheets.read_sheet import parts
from pim.intake.sheets.worksheets import open_worksheets
from pim.versioning.model import Edit
from tests.intake.sheets.makers import a_csv, a_mapping, a_workbook, problems_of
from tests.makers import a_small_catalogue, a_structure, value

STRUCTURE = a_structure(
    [
        *a_small_catalogue(),
        Edit("attribute_option", "navy", {"labels": {"fr_FR": "Bleu"}}, owner="color"),
        Edit("attribute_option", "sky", {"labels": {"fr_FR": "Bleu"}}, owner="color"),
        Edit("attribute_option", "black", {"labels": {"fr_FR": "Noir, mat"}}, owner="color"),
        Edit("category", "tents", {"parent": "outdoor", "labels": {"fr_FR": "Tentes"}}),
        Edit("family", "tents", {"attributes": ["sku"], "labels": {"fr_FR": "Tentes"}}),
    ]
)


def entries(path, mapping=OURS):
    """Every entry of every pass but associations, headers without problems left out."""
    found = [entry for part in parts(path, {}, mapping) if not part.second_pass for entry in part.read(STRUCTURE)]
    return [entry for entry in found if isinstance(entry, Record) or entry.problems]


def patches(path, mapping=OURS):
    found = entries(path, mapping)
    assert all(isinstance(entry, Record) for entry in found), found
    return [entry.edit.patch for entry in found]


def problems(path, mapping=OURS):
    return [
        (entry.line, problem.column, problem.code)
        for entry in entries(path, mapping)
        if isinstance(entry, Unreadable)
        for problem in entry.problems
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_encoding_and_delimiter_are_found_out(tmp_path, encoding, delimiter):
    text = f'sku{delimiter}name-fr_FR\nhat{delimiter}"Été; à 5,50"\ncap{delimiter}Casquette\n'
    first, _ = patches(a_csv(tmp_path / "a.csv", text, encoding))
    assert first["values"]["name"] == value("Été; à 5,50", "fr_FR")


def test_a_comma_in_the_cells_is_no_delimiter(tmp_path):
    path = a_csv(tmp_path / "a.csv", "sku;name-fr_FR\n" + "hat;a, b, c, d, e\n" * 30)
    assert detect_form(path).delimiter == ";"


def test_one_spoilt_line_does_not_make_a_file_of_windows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("sku;name-fr_FR\nhat;été\ncap;été\n".encode() + b"mug;\xe9t\xe9\n")
    assert problems(path) == [(4, "name-fr_FR", "bad_encoding")]


def test_cells_of_a_workbook_are_typed(tmp_path):
    header = ["sku", "ean", "pages", "release", "waterproof", "price-EUR"]
    path = a_workbook(tmp_path / "a.xlsx", Feuil1=[header, [12.0, "0012", 320, date(2026, 3, 1), True, 9.9]])
    (entry,) = entries(path)
    assert entry.edit.code == "12"
    assert {code: found[0]["data"] for code, found in entry.edit.patch["values"].items()} == {
        "ean": "0012",
        "pages": "320",
        "release": "2026-03-01",
        "waterproof": True,
        "price": [{"amount": "9.9", "currency": "EUR"}],
    }


def test_a_mapping_makes_sense_of_free_headers(tmp_path):
    columns = [
        {"header": "Réf.", "target": "identifier"},
        {"header": "Prix TTC (€)", "target": "price-EUR"},
        {"header": "Poids (kg)", "target": "weight", "unit": "KILOGRAM"},
        {"header": "Nom", "target": "name"},
        {"header": "Remarque", "ignore": True},
    ]
    constants = [{"target": "family", "value": "shoes"}]
    mapping = a_mapping(STRUCTURE, columns, decimal=",", locale="fr_FR", header_row=3, constants=constants)
    text = "Tarif 2026;;;;\n;;;;\nRÉF. ;Prix  TTC (€);Poids (kg);nom;Remarque\nhat;1 012,50 €;0,2;Chapeau;-\n"
    (patch,) = patches(a_csv(tmp_path / "a.csv", text, "cp1252"), mapping)
    assert patch["family"] == "shoes"
    assert patch["values"] == {
        "price": value([{"amount": "1012.50", "currency": "EUR"}]),
        "weight": value({"amount": "0.2", "unit": "KILOGRAM"}),
        "name": value("Chapeau", "fr_FR"),
    }


def test_options_families_and_categories_may_be_named_by_label(tmp_path):
    mapping = a_mapping(STRUCTURE, labels="fr_FR")
    rows = ["hat;noir, mat;new;TENTES;[master] > [outdoor] > Tentes", "cap;blue;new,sale;shoes;Tentes"]
    text = "\n".join(["sku;color;tags;family;categories", *rows])
    hat, cap = patches(a_csv(tmp_path / "a.csv", text), mapping)
    assert (hat["values"]["color"][0]["data"], hat["family"], hat["categories"]) == ("black", "tents", ["tents"])
    assert (cap["values"]["color"][0]["data"], cap["values"]["tags"][0]["data"]) == ("blue", ["new", "sale"])


def test_a_label_of_several_options_is_refused_with_their_codes(tmp_path):
    path = a_csv(tmp_path / "a.csv", "sku;color\nhat;Bleu\n")
    (entry,) = entries(path, a_mapping(STRUCTURE, labels="fr_FR"))
    assert entry.problems[0].code == "ambiguous_label"
    assert "navy, sky" in entry.problems[0].message


def test_every_bad_cell_of_a_row_is_told_with_its_line(tmp_path):
    path = a_csv(tmp_path / "a.csv", "sku;pages;price-EUR\n\ncap;1;2\nhat;many;1,5\n")
    assert problems(path) == [(4, "pages", "wrong_type"), (4, "price-EUR", "decimal_comma")]


def test_models_and_products_share_a_sheet(tmp_path):
    text = "code;sku;family_variant;parent;color\nrunner;;shoes_color;;\n;runner-red;;runner;red\n"
    model, variant = entries(a_csv(tmp_path / "a.csv", text))
    assert (model.edit.kind, model.edit.code, model.edit.patch["family"]) == ("product_model", "runner", "shoes")
    assert (variant.edit.kind, variant.edit.code, variant.edit.patch["parent"]) == ("product", "runner-red", "runner")


def test_models_and_products_have_sheets_of_their_own(tmp_path):
    models = [["code", "family_variant"], ["runner", "shoes_color"]]
    path = a_workbook(tmp_path / "a.xlsx", notes=[["x"]], products=[["sku"], ["hat"]], product_models=models)
    assert [(entry.edit.kind, entry.edit.code) for entry in entries(path)] == [
        ("product_model", "runner"),
        ("product", "hat"),
    ]


def test_a_sheet_that_is_not_there_is_told(tmp_path):
    path = a_workbook(tmp_path / "a.xlsx", Tarif=[["sku"]])
    with pytest.raises(InvalidInput, match="no sheet `Prix`; known: Tarif"):
        open_worksheets(path, a_mapping(STRUCTURE, sheet="Prix"))


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("sku;colour", "unknown_attribute"),
        ("sku;name", "bad_column"),
        ("sku;name-xx_XX", "unknown_locale"),
        ("name-fr_FR", "no_identifier_column"),
    ],
)
def test_a_column_that_means_nothing_is_told_once(tmp_path, header, code):
    found = problems(a_csv(tmp_path / "a.csv", f"{header}\n" + ";".join("x" * header.count(";") + "x") + "\n"))
    assert [problem[2] for problem in found] == [code]


def test_columns_for_people_are_not_read(tmp_path):
    assert patches(a_csv(tmp_path / "a.csv", "# line;# why;sku\n4;because;hat\n")) == [{"values": {}}]


def test_options_that_are_missing_are_made_where_asked(tmp_path):
    path = a_csv(tmp_path / "a.csv", "sku;color;tags\nhat;Vert d’eau;new,Très neuf\ncap;vert d'eau;new\nmug;red;\n")
    mapping = a_mapping(STRUCTURE, create_options=True, labels="fr_FR")
    (part, *_) = parts(path, {}, mapping)
    made = {
        (entry.edit.owner, entry.edit.code): (entry.edit.patch or {}).get("labels") for entry in part.read(STRUCTURE)
    }
    assert made == {
        ("color", "vert_d_eau"): {"fr_FR": "Vert d’eau"},
        ("tags", "new"): None,
        ("tags", "tres_neuf"): {"fr_FR": "Très neuf"},
        ("color", "red"): None,
    }


@pytest.mark.parametrize(
    ("columns", "settings", "message"),
    [
        ([{"header": "A", "target": "colour"}], {}, "`colour` is neither an attribute"),
        ([{"header": "A", "target": "name"}], {}, "write `attribute`, `-locale`"),
        ([{"header": "A", "target": "price-XXX"}], {}, "column `A`"),
        ([{"header": "A"}], {}, "needs either a `target` or `ignore: true`"),
        ([{"header": "A", "target": "sku"}, {"header": " a", "ignore": True}], {}, "is there twice"),
        ([{"header": "A", "target": "weight", "unit": "TON"}], {}, "`TON` is not of Weight; known: GRAM, KILOGRAM"),
        ([{"header": "A", "target": "color", "unit": "GRAM"}], {}, "is no measure"),
        ([{"header": "A", "target": "name-fr_FR", "labels": "fr_FR"}], {}, "holds no options"),
        (
            [{"header": "A", "target": "price"}, {"header": "B", "target": "price-EUR"}],
            {},
            "column `A` says a whole price",
        ),
        ([], {"labels": "nl_NL"}, "locale `nl_NL` is not active"),
        ([], {"scope": "shop"}, "channel `shop` does not exist; known: print, web"),
        ([], {"date_format": "jj/mm/aaaa"}, "write it like dd/mm/yyyy"),
        ([], {"encoding": "latin-99"}, "encoding `latin-99` does not exist"),
        ([], {"booleans": {"true": ["x"], "false": ["X"]}}, "means both"),
        ([], {"colums": []}, 'Property "colums" does not exist'),
        ([], {"constants": [{"target": "price-EUR", "value": "a lot"}]}, "`a lot` is not a number"),
        ([], {"other_columns": "ignore"}, "none names the rows"),
    ],
)
def test_a_mapping_that_does_not_fit_the_catalogue_is_refused(columns, settings, message):
    assert message in "\n".join(problems_of(STRUCTURE, columns, **settings))


def test_every_problem_of_a_mapping_is_told_at_once():
    columns = [{"header": "A", "target": "colour"}, {"header": "B"}]
    assert len(problems_of(STRUCTURE, columns, labels="nl_NL", date_format="x")) == 4
