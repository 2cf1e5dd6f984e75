"""What we write into a sheet imports back without a change, whatever it is."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import given as generated
from hypothesis import strategies as st

from pim.base.errors import InvalidInput
from pim.intake.sheets.model import OURS, ColumnMapping
from pim.intake.sheets.sheet_file import open_sheet_file
from pim.intake.sheets.worksheets import open_worksheets
from pim.intake.sheets.write_products import Wanted, write_products
from pim.versioning.model import Edit
from pim.versioning.store import current_structure
from tests.conftest import emptied
from tests.intake.sheets.makers import a_mapping
from tests.makers import a_product, a_product_model, commit, given, value

ODD = [
    "=1+1", "'=x", "-5", "+33 1", "@me", "<r>x</r>", "_x000D_", "a;b,c\t|", 'say "no"', "two\nlines", "a\\nb", "a\rb",
    "a\r\nb", "007", "1E+5", "été ",
]  # fmt: skip
texts = st.sampled_from(ODD) | st.text(
    st.characters(codec="utf-8", exclude_characters="\0\ufffe\uffff"), min_size=1, max_size=40
).filter(lambda text: text.strip() != "")
names = texts.map(str.strip).filter(bool)
numbers = st.decimals(0, 10**9, allow_nan=False, allow_infinity=False, places=3).map(str) | st.just("1" * 20)
prices = st.dictionaries(st.sampled_from(["EUR", "GBP"]), numbers, min_size=1).map(
    lambda found: [{"amount": amount, "currency": currency} for currency, amount in found.items()]
)
measures = st.builds(lambda a, u: {"amount": a, "unit": u}, numbers, st.sampled_from(["GRAM", "KILOGRAM"]))


def at(found: st.SearchStrategy[Any], locale: str | None = None, scope: str | None = None) -> st.SearchStrategy[Any]:
    return found.map(lambda data: value(data, locale, scope))


values = st.fixed_dictionaries(
    {},
    optional={
        "name": at(texts, "fr_FR"),
        "description": st.builds(lambda a, b: [*a, *b], at(texts, "fr_FR", "web"), at(texts, "en_GB", "web")),
        "price": at(prices),
        "weight": at(measures),
        "pages": at(st.integers(1, 10**18)),
        "color": at(st.sampled_from(["red", "odd-color"])),
        "tags": at(st.lists(st.sampled_from(["new", "a-b", "c_d"]), min_size=1, unique=True)),
        "kinds": at(st.lists(names, min_size=1, max_size=3, unique=True)),
        "waterproof": at(st.booleans()),
        "release": at(st.dates().map(str)),
    },
)
KINDS = {"type": "pim_reference_data_multiselect", "group": "general", "reference_data_name": "kinds"}
STRUCTURE = [
    *(Edit("attribute_option", code, {"labels": {"fr_FR": "Même"}}, owner="tags") for code in ("a-b", "c_d")),
    Edit("attribute_option", "odd-color", {"labels": {"fr_FR": "Rouge, vif"}}, owner="color"),
    Edit("attribute", "kinds", KINDS),
]

MAPPED = [
    {"header": "Référence", "target": "identifier"},
    {"header": "Actif", "target": "enabled"},
    {"header": "Tous les prix", "target": "price"},
    {"header": "Poids (kg)", "target": "weight", "unit": "KILOGRAM"},
    {"header": "=Couleur", "target": "color"},
    {"header": "Mots", "target": "tags", "separator": " / "},
    {"header": "Parution", "target": "release"},
    {"header": "Nom", "target": "name"},
    {"header": "Pages", "target": "pages"},
    {"header": "Remarque", "ignore": True},
]


def french(database, columns) -> ColumnMapping:
    booleans = {"true": ["oui"], "false": ["non"]}
    written = {"decimal": ",", "labels": "fr_FR", "date_format": "dd/mm/yy", "locale": "fr_FR", "header_row": 3}
    with database.session() as session:
        return a_mapping(current_structure(session), columns, booleans=booleans, **written)


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
@pytest.mark.parametrize("columns", [None, [], MAPPED], ids=["ours", "in French", "mapped"])
@settings(
    max_examples=6,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@generated(products=st.lists(values, min_size=1, max_size=3), model=texts)
def test_a_sheet_imports_back_without_a_change(intake, tmp_path, suffix, columns, products, model):
    given(emptied(intake.database))
    path, first = tmp_path / f"sheet{suffix}", "p0"
    edits = [a_product(f"p{n}", family="shoes", values=found) for n, found in enumerate(products)]
    variant = a_product(
        "shoe-red", parent="shoe", groups=["gifts"], enabled=False, values={"color": value("red")},
        associations={"upsell": {"products": [first], "product_models": ["shoe"], "groups": ["gifts"]}},
        quantified_associations={"set": {"products": [{"identifier": first, "quantity": 3}]}},
    )  # fmt: skip
    name = {"name": value(model, "fr_FR")}
    models = a_product_model("shoe", family_variant="shoes_color", categories=["outdoor"], values=name)
    nameless = Edit("product", None, {"values": {"name": value("nameless", "en_GB")}})
    committed = commit(intake.database, *STRUCTURE, *edits, models, variant, nameless)
    assert [outcome for outcome in committed.outcomes if outcome.refused] == []
    mapping = OURS if columns is None else french(intake.database, columns)
    write_products(intake.database, path, Wanted(models=columns is not MAPPED), mapping)
    summary = intake(path, dry_run=True, mapping=None if columns is None else mapping)
    expected = [] if columns is not MAPPED else ["no_identifier"]  # the nameless one has no column there
    assert [rejection.code for rejection in summary.first_rejections] == expected
    assert summary.first_changes == []


def rows_of(path):
    (sheet,) = open_worksheets(path, OURS)
    return [dict(zip(sheet.header, row.cells, strict=True)) for row in sheet.rows()]


def test_a_sheet_has_what_is_asked_for(intake, tmp_path):
    given(
        emptied(intake.database),
        a_product("hat", family="shoes", values={"name": [*value("Chapeau", "fr_FR"), *value("Hat", "en_GB")]}),
        a_product("atlas", family="books", values={"name": value("Atlas", "fr_FR"), "pages": value(320)}),
    )
    wanted = Wanted(
        family="books", attributes=frozenset({"name", "price"}), locales=frozenset({"fr_FR"}),
        search='{"enabled": [{"operator": "=", "value": true}]}',
    )  # fmt: skip
    written = write_products(intake.database, tmp_path / "a.csv", wanted)
    assert (written.products, written.product_models) == (1, 0)
    assert rows_of(tmp_path / "a.csv") == [
        {
            "sku": "atlas", "family": "books", "parent": "", "enabled": "1", "categories": "", "groups": "",
            "name-fr_FR": "Atlas", "price-EUR": "", "price-GBP": "",
        }
    ]  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_a_workbook_holds_texts_as_they_are(tmp_path, text):
    with open_sheet_file(tmp_path / "a.xlsx") as file:
        file.add("products", ["sku"], [[text]])
    assert rows_of(tmp_path / "a.xlsx") == [{"sku": text}]


@pytest.mark.parametrize("text", ["x" * 32_768, "\uffff"])
def test_a_workbook_refuses_what_it_cannot_hold(tmp_path, text):
    with pytest.raises(InvalidInput, match=r"row 2, `sku`.*write CSV"), open_sheet_file(tmp_path / "a.xlsx") as file:
        file.add("products", ["sku"], [[text]])
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_never_holds_a_formula(intake, tmp_path):
    given(emptied(intake.database), a_product("hat", family="shoes", values={"ean": value("=cmd|'/c calc'!A0")}))
    write_products(intake.database, tmp_path / "a.csv", Wanted())
    assert "'=cmd" in (tmp_path / "a.csv").read_text("utf-8-sig")
    assert rows_of(tmp_path / "a.csv")[0]["ean"] == "=cmd|'/c calc'!A0"
